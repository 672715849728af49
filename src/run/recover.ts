import type { Journal } from './journal.js';
import type { Run } from './run.js';

const WENT_BACK =
  'the clock of the bot’s machine went back while the bot was down, so how long this has been waiting is not known';

/** A clock that is put right by moments is nothing to speak of. */
const MOMENTS_MS = 2_000;

/**
 * At start: what a dead process left half done is marked, and waits for a person ([Resume] or [Roll back]). An approval
 * that had not become a run yet is void: hours may lie between. So is a request where the clock tells an earlier time
 * than the journal's last event: it would be valid for longer than the policy says.
 */
export const recoverRuns = async (journal: Journal, now: number): Promise<readonly Run[]> => {
  const runs = Object.values(journal.state().runs);
  const wentBack = runs.some(({ lastEventAt }) => Date.parse(lastEventAt) > now + MOMENTS_MS);
  for (const run of runs) {
    if (run.phase === 'approved')
      await journal.append(run.id, {
        kind: 'voided',
        why: 'the bot was restarted between the approval and the start',
      });
    if (run.phase === 'running' || run.phase === 'rolling-back' || run.phase === 'finalizing')
      await journal.append(run.id, { kind: 'interrupted' });
    if (run.phase === 'proposed' && wentBack)
      await journal.append(run.id, { kind: 'voided', why: WENT_BACK });
    else if (run.phase === 'proposed' && Date.parse(run.expiresAt) <= now)
      await journal.append(run.id, { kind: 'expired' });
  }
  return Object.values(journal.state().runs).filter((run) =>
    ['interrupted', 'paused', 'stuck'].includes(run.phase),
  );
};
