import type { Journal } from '../run/journal.js';
import type { Run } from '../run/run.js';

/** How long a run without approvals may wait for its review before people are reminded, in milliseconds. */
export const REVIEW_MS = 72 * 3_600_000;

const isExpired = (run: Run, now: number): boolean =>
  run.phase === 'proposed' && Date.parse(run.expiresAt) <= now;

const isOverdue = (run: Run, now: number): boolean =>
  run.brokeGlass !== undefined &&
  run.review === undefined &&
  run.reviewDue === undefined &&
  Date.parse(run.brokeGlass.at) + REVIEW_MS <= now;

/** What time alone brings about, journaled: requests that waited too long, and reviews that nobody wrote. */
export const tendTimes = async (journal: Journal, now: number): Promise<void> => {
  for (const run of Object.values(journal.state().runs)) {
    if (isExpired(run, now)) await journal.append(run.id, { kind: 'expired' });
    if (isOverdue(run, now)) await journal.append(run.id, { kind: 'review-due' });
  }
};
