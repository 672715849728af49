import type { RollbackClass } from '../catalogue/service.js';
import type { Line } from '../command.js';
import type { Plan } from '../plan/plan.js';
import type { Phase } from '../run/phase.js';
import type { Run, StepState } from '../run/run.js';
import { fromWords } from './words.js';

/** What one click can still do after the database step has run, by how the service treats its schema. */
const AFTER_MIGRATION: Record<RollbackClass, string> = {
  A: 'There is no schema: the old version may run again at any time.',
  B: 'The schema has only grown: the old version runs on it. The migration itself is not undone.',
  C: 'The schema was only expanded: the old version runs on it until the contract step of Finalize. The migration itself is not undone.',
  D: 'Once the schema revision has moved, there is no one-click rollback: the old version needs the database restored from its backup. Where it did not move, one click goes back.',
  E: 'Going back is not supported for this service.',
};

const AFTER_SWAP: Record<RollbackClass, string> = {
  A: 'One click starts the kept old containers again.',
  B: 'One click starts the kept old containers again; the database stays as the migration left it.',
  C: 'One click starts the kept old containers again; the database stays expanded.',
  D: 'As after the migration: one click only if the schema revision has not moved.',
  E: 'Going back is not supported for this service.',
};

/** What going back means at each stage, before anything was done. */
export const goingBackLines = (plan: Plan): readonly Line[] => {
  const migrates = plan.steps.some((step) => step.kind === 'migrate');
  const stage = (name: string, text: string): Line => [{ bold: `${name}: ` }, text];
  return [
    stage(
      migrates ? 'Before the migration' : 'Before the first swap',
      'Nothing has changed yet; what was pulled stays, all else is as it was.',
    ),
    ...(migrates ? [stage('After the migration', AFTER_MIGRATION[plan.rollbackClass])] : []),
    stage(
      'After a swap',
      migrates ? AFTER_SWAP[plan.rollbackClass] : plan.rollbackClass === 'E' ? AFTER_SWAP.E : AFTER_SWAP.A,
    ),
    stage(
      'After Finalize',
      `Not by a click: the old containers are gone. ${fromWords(plan)} would have to be deployed again${migrates ? ', with the database restored' : ''}.`,
    ),
  ];
};

const USABLE: readonly Phase[] = ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed'];

/** A one-way step whose outcome is not known to be "the same revision as before" counts as moved. */
const mayHaveMoved = (state: StepState | undefined): boolean =>
  state !== undefined &&
  state.status !== 'pending' &&
  !(typeof state.revisionBefore === 'string' && state.revisionBefore === state.revisionAfter);

/** Whether a one-way migration has, or may have, taken the old version's right to run. */
export const revisionMoved = (run: Run): boolean =>
  run.plan.steps.some(
    (step, index) => step.kind === 'migrate' && step.oneWay && mayHaveMoved(run.steps[index]),
  );

const begun = (run: Run, kind: 'migrate' | 'retire'): boolean =>
  run.plan.finalize.some((step, index) => step.kind === kind && run.finalize[index]?.status !== 'pending');

/** Why no Roll back button is shown; `undefined` where one click goes back. */
export const whyNoWayBack = (run: Run): string | undefined => {
  if (!USABLE.includes(run.phase) || run.direction === 'back')
    return 'the run is not in a state from which it can be rolled back';
  if (run.plan.rollbackClass === 'E') return 'going back is not supported for this service';
  if (revisionMoved(run))
    return 'the schema revision has moved, and the old version cannot run on it without the database restored';
  if (begun(run, 'retire')) return 'Finalize has begun to remove the old containers';
  if (begun(run, 'migrate'))
    return 'Finalize has begun its migrations, after which the old version may not run';
  return undefined;
};
