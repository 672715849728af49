import type { Block } from '../command.js';
import type { Run } from '../run/run.js';
import type { StepState } from '../steps/state.js';

const outputOf = (title: string, text: string | undefined): readonly Block[] =>
  text === undefined || text.trim() === ''
    ? []
    : [
        { kind: 'line', line: [title] },
        { kind: 'output', text },
      ];

/**
 * Tails of one-off containers, and of new containers that failed, as they were printed. Where a person went back the
 * new ones were well, and their tails stay in the journal; while people are asked they are shown. `which`: of these steps only.
 */
export const outputBlocks = (run: Run, which: (step: StepState) => boolean = () => true): readonly Block[] =>
  (['steps', 'finalize'] as const).flatMap((part) =>
    run[part].flatMap((state, index) => {
      if (!which(state)) return [];
      const step = run.plan[part][index];
      const migration =
        step?.kind === 'migrate'
          ? outputOf(
              `Last lines of ${step.runs} on ${step.host}${state.logFile ? `, all of it in the state folder’s ${state.logFile}` : ''}:`,
              state.tail,
            )
          : [];
      const kept =
        step?.kind === 'swap' && (run.rollback?.by.door === 'bot' || run.phase === 'paused')
          ? outputOf(`Last lines of the new ${step.old.name} on ${step.old.host}:`, state.keptLog)
          : [];
      return [...migration, ...kept];
    }),
  );
