import type { Journal } from './journal.js';
import type { Run } from './run.js';

/**
 * At start: what a dead process left half done is marked, and waits for a person ([Resume] or [Roll back]). An approval
 * that had not become a run yet is void: hours may lie between.
 */
export const recoverRuns = async (journal: Journal, now: number): Promise<readonly Run[]> => {
  for (const run of Object.values(journal.state().runs)) {
    if (run.phase === 'approved')
      await journal.append(run.id, {
        kind: 'voided',
        why: 'the bot was restarted between the approval and the start',
      });
    if (run.phase === 'running' || run.phase === 'rolling-back' || run.phase === 'finalizing')
      await journal.append(run.id, { kind: 'interrupted' });
    if (run.phase === 'proposed' && Date.parse(run.expiresAt) <= now)
      await journal.append(run.id, { kind: 'expired' });
  }
  return Object.values(journal.state().runs).filter((run) =>
    ['interrupted', 'paused', 'stuck'].includes(run.phase),
  );
};
