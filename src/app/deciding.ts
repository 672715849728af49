import { allows } from '../authority/authority.js';
import { type Config, policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import type { Actor, RunEvent } from '../run/event.js';
import { DECIDED_IN } from '../run/phase.js';
import { countedApprovals, type Run } from '../run/run.js';
import { approvalsOf } from './approving.js';
import { waysOutOf } from './backing-out.js';
import { type Desk, decide, runOf } from './desk.js';
import type { Guarded } from './guard.js';
import { requestsOf } from './requesting.js';

type Decisions = Guarded<
  | 'upgrade'
  | 'approve'
  | 'withdraw'
  | 'breakGlass'
  | 'review'
  | 'reject'
  | 'cancel'
  | 'rollback'
  | 'finalize'
  | 'resume'
>;

type Words = {
  readonly config: Config;
  readonly by: Actor;
  /** Ids of those who may still say what they said. */
  readonly still: ReadonlySet<string>;
};

/**
 * Hours or days may lie between the upgrade, one word for its Finalize and the next: earlier words count only of those who
 * may still say them, and the policy is the stricter of then and of now.
 */
const finalizeEvents = (run: Run, { config, by, still }: Words): readonly RunEvent[] => {
  if (run.phase === 'finalize-failed') return [{ kind: 'finalize-approved', by }, { kind: 'finalizing' }];
  const policy = policyFor(config, run.plan.service);
  const requesterCounts = run.requesterCounts && policy.requester_counts;
  const of = Math.max(run.quorum, policy.approvals);
  const earlier = run.finalizeApprovals.filter(({ id }) => still.has(id));
  const votes = countedApprovals({ ...run, requesterCounts, approvals: [...earlier, by] }).length;
  return [{ kind: 'finalize-approved', by, of }, ...(votes >= of ? ([{ kind: 'finalizing' }] as const) : [])];
};

const requireNoHold = ({ workshop }: Desk, run: Run): void => {
  const hold = workshop.journal.state().holds[run.plan.service];
  if (hold && hold.run !== run.id)
    throw new Refusal(
      'on-hold',
      `${hold.service} is on hold by ${hold.by.name}: ${hold.reason}`,
      `When that is settled: unhold ${hold.service}.`,
    );
};

/** Ids of those who may still say what they said. */
const whoStillMay = async (desk: Desk, actors: readonly Actor[]): Promise<ReadonlySet<string>> => {
  const known = await Promise.all(actors.map(desk.recognise));
  const may = known.filter((one) => allows(desk.workshop.config, { known: one, verb: 'finalize' }));
  return new Set(may.map(({ actor }) => actor.id));
};

/** All that people decide about runs. */
export const decisionsOf = (desk: Desk): Decisions => ({
  ...requestsOf(desk),
  ...approvalsOf(desk),
  ...waysOutOf(desk),
  finalize: async (known, ref) => {
    requireNoHold(desk, runOf(desk, ref));
    const still = await whoStillMay(desk, runOf(desk, ref).finalizeApprovals);
    return decide(desk, ref, {
      known,
      verb: 'finalize',
      phases: DECIDED_IN.finalize,
      done: 'finalized',
      events: (run, by) => finalizeEvents(run, { config: desk.workshop.config, by, still }),
    });
  },
  resume: (known, ref) =>
    decide(desk, ref, {
      known,
      verb: 'resume',
      phases: DECIDED_IN.resume,
      done: 'resumed',
      events: (_run, by) => [{ kind: 'resumed', by }],
    }),
});
