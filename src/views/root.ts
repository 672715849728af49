import type { Line, Reply, Span } from '../command.js';
import type { Phase } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { finalizeApprovalLine } from './approval.js';
import { buttonBlocks, runButtons } from './buttons.js';
import { reviewWords } from './glass.js';
import { whyNoWayBack } from './going-back.js';
import { healthSummary } from './health.js';
import { downtimeSummary } from './interruption.js';
import { markOf, stateWords } from './state.js';
import { duration, fromTo, oneLine, sentence } from './words.js';

const between = (from: string, to: string): string => duration(Date.parse(to) - Date.parse(from));

/** How long it took, or takes so far as its last event tells; `undefined` before it started. */
export const tookWords = (run: Run): string | undefined => {
  if (run.phase === 'finalized' && run.finalizeTookMs !== undefined && run.tookMs !== undefined)
    return `upgrade ${duration(run.tookMs)}, Finalize ${duration(run.finalizeTookMs)}`;
  if (run.phase === 'rolled-back' && run.backTookMs !== undefined)
    return `rolled back in ${duration(run.backTookMs)}`;
  if (run.tookMs !== undefined) return `upgraded in ${duration(run.tookMs)}`;
  return run.startedAt === undefined
    ? undefined
    : `${between(run.startedAt, run.endedAt ?? run.lastEventAt)} so far`;
};

const WAITING: readonly Phase[] = ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed'];

const facts = (run: Run): string | undefined => {
  const way = run.phase === 'rolled-back' ? 'back' : 'forward';
  const known = [healthSummary(run), downtimeSummary(run, way), tookWords(run)].filter(
    (fact) => fact !== undefined,
  );
  return known.length === 0 ? undefined : sentence(known.join(' · '));
};

const request = (run: Run): Line => [
  'Asked for by ',
  { person: run.requestedBy },
  ' at ',
  { time: run.requestedAt },
  ...(run.brokeGlass
    ? [
        ' · ',
        { bold: 'started without approvals' },
        ' by ',
        { person: run.brokeGlass.by },
        `, ${reviewWords(run)}`,
      ]
    : []),
  ' · run ',
  { code: run.id },
];

const overrideSpans = (run: Run): readonly Line[] =>
  run.plan.overrides.jump === undefined
    ? []
    : [[{ bold: 'Override:' }, ' ', `unsupported jump, because “${oneLine(run.plan.overrides.jump)}”`]];

const rollbackLines = (run: Run): readonly Line[] =>
  run.rollback
    ? [
        [
          'Going back since ',
          { time: run.rollback.at },
          ', by ',
          { person: run.rollback.by },
          `: ${sentence(oneLine(run.rollback.why))}`,
        ],
      ]
    : [];

/** Where other buttons are shown but this one is missing, people want to know why. */
const noClickBack = (run: Run): readonly Line[] => {
  const closed = run.direction === 'back' ? undefined : whyNoWayBack(run);
  return closed === undefined || !WAITING.includes(run.phase)
    ? []
    : [[{ bold: 'No one-click rollback:' }, ' ', closed]];
};

const whyLines = (run: Run): readonly Line[] => {
  const why = run.asked?.why ?? run.why;
  return why === undefined ? [] : [[{ bold: 'Why:' } satisfies Span, ' ', sentence(oneLine(why))]];
};

/** The one message of a run that stands in the channel and is kept current. */
export const rootView = (run: Run): Reply => {
  const what = `${run.plan.service} ${fromTo(run.plan)}`;
  const known = facts(run);
  const finalize = finalizeApprovalLine(run);
  const lines: readonly Line[] = [
    ...(known === undefined ? [] : [[known]]),
    ...overrideSpans(run),
    ...rollbackLines(run),
    ...whyLines(run),
    ...noClickBack(run),
    ...(finalize ? [finalize] : []),
  ];
  return {
    summary: `${what}: ${stateWords(run)}. Asked for by ${run.requestedBy.name}.`,
    blocks: [
      { kind: 'line', line: [`${markOf(run)} `, { bold: what }, `: ${stateWords(run)}`] },
      ...lines.map((line) => ({ kind: 'line' as const, line })),
      { kind: 'small', line: request(run) },
      ...buttonBlocks(runButtons(run)),
    ],
  };
};
