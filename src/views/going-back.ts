import type { RollbackClass } from '../catalogue/service.js';
import type { Line } from '../command.js';
import type { Plan } from '../plan/plan.js';
import { canRollBack, noWayBack } from '../run/going-back.js';
import type { Run } from '../run/run.js';
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
  const stage = (name: string, text: string): Line => [{ bold: `${name}:` }, ' ', text];
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

/** Why no Roll back button is shown, as one sentence; `undefined` where one click goes back. */
export const whyNoWayBack = (run: Run): string | undefined => {
  if (run.direction === 'back') return 'It is going back already.';
  if (run.plan.rollbackClass === 'E') return 'Going back is not supported for this service.';
  const closed = noWayBack(run);
  if (closed) return `${closed.why} ${closed.wayOut}`;
  return canRollBack(run) ? undefined : 'The run is not in a state from which it can be rolled back.';
};
