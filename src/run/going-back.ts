import type { MigrateStep } from '../plan/plan.js';
import type { Run } from './run.js';

/** A class D migration that may have moved the schema: then the old version needs the database restored. */
export const movedOneWay = (run: Run): MigrateStep | undefined => {
  for (const [index, step] of run.plan.steps.entries()) {
    if (step.kind !== 'migrate' || !step.oneWay) continue;
    const state = run.steps[index];
    if (!state || state.status === 'pending') continue;
    // Created and not yet started: the schema is untouched.
    const ran =
      state.ranBefore === true ||
      state.exitCode !== undefined ||
      state.lastCall?.startsWith('start ') === true;
    const same =
      state.revisionBefore !== undefined &&
      state.revisionBefore !== null &&
      state.revisionBefore === state.revisionAfter;
    if (ran && !same) return step;
  }
  return undefined;
};

/** A finalize step whose effect the old version cannot live with, or that took away the kept container. */
const pastReturn = (run: Run): string | undefined => {
  for (const [index, step] of run.plan.finalize.entries()) {
    const status = run.finalize[index]?.status ?? 'pending';
    if (status === 'pending') continue;
    if (step.kind === 'migrate')
      return `Finalize has begun "${step.runs}": the old version may no longer use the database.`;
    if (step.kind === 'retire') return 'Finalize has begun to remove the kept containers.';
  }
  return undefined;
};

/** Why there is no one-click way back any more, from the journal alone; `undefined` while there is one. */
export const noWayBack = (
  run: Run,
): { code: 'cannot-roll-back' | 'no-backup-word'; why: string; wayOut: string } | undefined => {
  const past = pastReturn(run);
  if (past)
    return {
      code: 'cannot-roll-back',
      why: past,
      wayOut: `Mend what failed and press Finalize again; or close the run as it is with: cancel ${run.id}. The service stays on hold.`,
    };
  const moved = movedOneWay(run);
  if (!moved) return undefined;
  return {
    code: 'no-backup-word',
    why: `"${moved.runs}" moved the schema of ${run.plan.service}, and the old version cannot be trusted on it (class D).`,
    wayOut: `Restore the database from the backup${run.plan.overrides.backup ? ` (${run.plan.overrides.backup})` : ''}, then type: rollback ${run.id} restored "what was restored".`,
  };
};

/** Phases in which a roll back may be asked for. */
const PHASES_BACK: readonly Run['phase'][] = [
  'running',
  'paused',
  'interrupted',
  'upgraded',
  'finalize-failed',
];

export const canRollBack = (run: Run): boolean =>
  PHASES_BACK.includes(run.phase) && noWayBack(run) === undefined;
