import { Refusal } from '../errors.js';
import { DECIDED_IN } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { requireWayBack } from '../run/way-back.js';
import { type Desk, decide, requireFresh, runOf } from './desk.js';
import type { Guarded } from './guard.js';

/** Shortest reason with which glass is broken: a sentence that a reviewer can judge. */
export const GLASS_REASON = 20;

const requireReason = (reason: string): void => {
  if (reason.trim().length >= GLASS_REASON) return;
  throw new Refusal(
    'bad-arguments',
    `To break the glass needs a reason of at least ${GLASS_REASON} characters.`,
    'Say what is broken and why nobody can be waited for: others will review it.',
  );
};

const requireUncut = (run: Run): void => {
  if (run.cutAt === undefined) return;
  throw new Refusal(
    'not-now',
    `Run ${run.id} of ${run.plan.service} has begun to change things, so an approval cannot be withdrawn any more.`,
    `To stop it and go back: rollback ${run.id}.`,
  );
};

const requireUnreviewed = (run: Run): void => {
  if (!run.brokeGlass)
    throw new Refusal('not-now', `Run ${run.id} had its approvals.`, 'There is nothing to review.');
  if (run.review)
    throw new Refusal(
      'already-said',
      `${run.review.by.name} has reviewed run ${run.id} already.`,
      'See: history.',
    );
};

/** Saying yes or no to a request, taking a yes back, doing without, and looking at that afterwards. */
export const approvalsOf = (
  desk: Desk,
): Guarded<'approve' | 'withdraw' | 'breakGlass' | 'review' | 'reject'> => ({
  approve: async (known, ref, fingerprint) => {
    await requireFresh(desk, runOf(desk, ref), fingerprint);
    return decide(desk, ref, {
      known,
      verb: 'approve',
      phases: DECIDED_IN.approve,
      done: 'approved',
      events: (run, by) => [{ kind: 'approved', by, fingerprint: run.fingerprint }],
    });
  },
  withdraw: async (known, ref) => {
    const run = runOf(desk, ref);
    if (run.startedAt !== undefined && run.cutAt === undefined) await requireWayBack(run, desk.workshop);
    return decide(desk, ref, {
      known,
      verb: 'withdraw',
      phases: DECIDED_IN.withdraw,
      done: 'withdrawn from',
      events: (now, by) => {
        requireUncut(now);
        return now.startedAt === undefined
          ? [{ kind: 'withdrawn', by }]
          : [{ kind: 'rollback', by, why: `${by.name} withdrew the approval` }];
      },
    });
  },
  breakGlass: async (known, id, reason) => {
    requireReason(reason);
    await requireFresh(desk, runOf(desk, id), undefined);
    return decide(desk, id, {
      known,
      verb: 'break-glass',
      phases: DECIDED_IN['break-glass'],
      done: 'started',
      events: (_run, by) => [{ kind: 'broke-glass', by, reason: reason.trim() }],
    });
  },
  review: (known, ref, text) =>
    decide(desk, ref, {
      known,
      verb: 'review',
      phases: [runOf(desk, ref).phase],
      done: 'reviewed',
      events: (run, by) => {
        requireUnreviewed(run);
        return [{ kind: 'reviewed', by, text }];
      },
    }),
  reject: (known, ref, reason) =>
    decide(desk, ref, {
      known,
      verb: 'reject',
      phases: DECIDED_IN.reject,
      done: 'rejected',
      events: (_run, by) => [{ kind: 'rejected', by, ...(reason === undefined ? {} : { reason }) }],
    }),
});
