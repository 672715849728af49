import type { Block, Reply, TaskStatus } from '../command.js';
import type { Step } from '../plan/plan.js';
import type { Part } from '../run/event.js';
import type { Run, StepState } from '../run/run.js';
import { gapWords } from './interruption.js';
import { stateWords } from './state.js';
import { shortStep } from './step.js';
import { duration, fromTo, oneLine } from './words.js';

const STATUS: Record<StepState['status'], TaskStatus> = {
  pending: 'pending',
  started: 'in_progress',
  done: 'complete',
  failed: 'error',
  undone: 'pending',
};

const seconds = ({ startedAt, endedAt }: StepState): string =>
  startedAt === undefined || endedAt === undefined
    ? ''
    : duration(Date.parse(endedAt) - Date.parse(startedAt));

const revisionWords = ({ revisionBefore, revisionAfter }: StepState): string => {
  if (revisionBefore === undefined || revisionAfter === undefined) return '';
  if (revisionBefore === null || revisionAfter === null) return 'schema revision unknown';
  return revisionBefore === revisionAfter
    ? `schema stays at ${revisionAfter}`
    : `schema ${revisionBefore} → ${revisionAfter}`;
};

const resultWords = (state: StepState): string => {
  const facts = [
    seconds(state),
    state.health ? `${state.health.outcome} after ${duration(state.health.tookMs)}` : '',
    state.ready ? `${state.ready.ready ? 'ready' : 'not ready'} after ${duration(state.ready.tookMs)}` : '',
    state.downtime ? gapWords(state.downtime) : '',
    state.exitCode === undefined ? '' : `exit code ${state.exitCode}`,
    revisionWords(state),
  ];
  return facts.filter((fact) => fact !== '').join(', ');
};

/** Current call while it runs; afterwards its result with the seconds. */
const detailOf = (state: StepState): string | undefined => {
  switch (state.status) {
    case 'pending':
      return undefined;
    case 'started':
      return state.lastCall ?? 'begun';
    case 'failed':
      return oneLine(state.why ?? 'failed', 200);
    case 'undone':
      return state.backHealth
        ? `undone, the old one is ${state.backHealth.outcome} after ${duration(state.backHealth.tookMs)}`
        : 'undone';
    case 'done':
      return resultWords(state);
  }
};

const tasksOf = (run: Run, part: Part, steps: readonly Step[]) =>
  steps.map((step, index) => {
    const state = run[part][index] ?? { status: 'pending' as const };
    const detail = detailOf(state);
    const undone = state.status === 'undone' ? ' (undone)' : '';
    return {
      id: `${part}-${index}`,
      title: `${index + 1}. ${shortStep(step)}${undone}`,
      status: STATUS[state.status],
      ...(detail === undefined || detail === '' ? {} : { detail }),
    };
  });

const finalizeBegan = (run: Run): boolean =>
  run.finalize.some((step) => step.status !== 'pending') || run.phase === 'finalizing';

/** The one live message in a run's thread: a task for each step. */
export const progressView = (run: Run): Reply => {
  const { service } = run.plan;
  const upgrade: Block = {
    kind: 'tasks',
    title: `${service} ${fromTo(run.plan)}: ${stateWords(run)}`,
    tasks: tasksOf(run, 'steps', run.plan.steps),
  };
  const finalize: Block = {
    kind: 'tasks',
    title: `Finalize ${service}: ${stateWords(run)}`,
    tasks: tasksOf(run, 'finalize', run.plan.finalize),
  };
  const done = run.steps.filter((step) => step.status === 'done').length;
  return {
    summary: `${service}: ${stateWords(run)}; ${done} of ${run.steps.length} steps done.`,
    blocks: finalizeBegan(run) ? [finalize] : [upgrade],
  };
};
