import type { App, RunRef } from '../app.js';
import { authorize } from '../authority/authority.js';
import { identify } from '../authority/people.js';
import { policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import { fingerprintOf, type Plan } from '../plan/plan.js';
import type { Actor, RunEvent } from '../run/event.js';
import { noWayBack } from '../run/going-back.js';
import type { Phase } from '../run/phase.js';
import { putBack } from '../run/put-back.js';
import { countedApprovals, type Run } from '../run/run.js';
import { requireWayBack } from '../run/way-back.js';
import { type Desk, decide, requireFresh, requirePhase, requireTurn, runOf } from './desk.js';
import { planNow } from './looking.js';
import { obstaclesFor } from './open-runs.js';

type Decisions = Pick<
  App,
  'upgrade' | 'approve' | 'breakGlass' | 'reject' | 'cancel' | 'rollback' | 'finalize' | 'resume'
>;

const requireNoBlock = (plan: Plan): void => {
  const blocking = plan.findings.filter((finding) => finding.level === 'block');
  const [first] = blocking;
  if (!first) return;
  const code = first.code === 'on-hold' || first.code === 'run-open' ? first.code : 'plan-blocked';
  throw new Refusal(
    code,
    blocking.map((finding) => finding.text.replace(/[^.]$/, '$&.')).join(' '),
    blocking.map((finding) => finding.wayOut ?? '').join(' '),
  );
};

const requestRun = (desk: Desk, plan: Plan, by: Actor): Promise<Run> =>
  desk.exclusive(async () => {
    const { config, journal, clock } = desk.workshop;
    const obstacle = obstaclesFor(journal.state(), plan.service)[0];
    if (obstacle) throw new Refusal(obstacle.code, obstacle.text, obstacle.wayOut);
    const policy = policyFor(config, plan.service);
    const id = desk.newId();
    await journal.append(id, {
      kind: 'requested',
      plan,
      fingerprint: fingerprintOf(plan),
      by,
      quorum: policy.approvals,
      requesterCounts: policy.requester_counts,
      expiresAt: new Date(clock.now() + policy.expires).toISOString(),
      onFailure: policy.on_failure,
    });
    return runOf(desk, id);
  });

const finalizeEvents = (run: Run, by: Actor): readonly RunEvent[] => {
  if (run.phase === 'finalize-failed') return [{ kind: 'finalize-approved', by }, { kind: 'finalizing' }];
  const votes = countedApprovals({ ...run, approvals: [...run.finalizeApprovals, by] }).length;
  return [
    { kind: 'finalize-approved', by },
    ...(votes >= run.quorum ? ([{ kind: 'finalizing' }] as const) : []),
  ];
};

/** All that people decide about runs. */
export const decisionsOf = (desk: Desk): Decisions => {
  const { config, journal, engineOf } = desk.workshop;
  return {
    upgrade: async (asked, request) => {
      const actor = identify(config, asked);
      authorize(config, { actor, verb: 'upgrade' });
      const plan = await planNow(desk.workshop, request);
      requireNoBlock(plan);
      return requestRun(desk, plan, actor);
    },
    approve: async (actor, id, fingerprint) => {
      await requireFresh(desk, runOf(desk, id), fingerprint);
      return decide(desk, id, {
        actor,
        verb: 'approve',
        phases: ['proposed'],
        done: 'approved',
        events: (run, by) => [{ kind: 'approved', by, fingerprint: run.fingerprint }],
      });
    },
    breakGlass: async (actor, id, reason) => {
      await requireFresh(desk, runOf(desk, id), undefined);
      return decide(desk, id, {
        actor,
        verb: 'break-glass',
        phases: ['proposed'],
        done: 'started',
        events: (_run, by) => [{ kind: 'broke-glass', by, reason }],
      });
    },
    reject: (actor, id, reason) =>
      decide(desk, id, {
        actor,
        verb: 'reject',
        phases: ['proposed'],
        done: 'rejected',
        events: (_run, by) => [{ kind: 'rejected', by, ...(reason === undefined ? {} : { reason }) }],
      }),
    cancel: async (actor, id) => {
      const { phase } = runOf(desk, id);
      const halted = phase === 'paused' || phase === 'interrupted';
      if ((halted && noWayBack(runOf(desk, id))) || phase === 'stuck' || phase === 'finalize-failed')
        return close(desk, id, actor);
      if (halted || phase === 'running') {
        authorize(config, { actor: identify(config, actor), verb: 'cancel' });
        requireTurn(runOf(desk, id), id);
        await requireWayBack(runOf(desk, id), journal.state(), engineOf);
        return decide(desk, id, {
          actor,
          verb: 'cancel',
          phases: ['running', 'paused', 'interrupted'],
          done: 'cancelled',
          events: (run, by) => [backEvent(run, by, { why: `cancelled by ${by.name}` })],
        });
      }
      return decide(desk, id, {
        actor,
        verb: 'cancel',
        phases: ['proposed'],
        done: 'cancelled',
        events: (_run, by) => [{ kind: 'cancelled', by }],
      });
    },
    rollback: async (actor, id, restored) => {
      const by = identify(config, actor);
      authorize(config, { actor: by, verb: 'rollback' });
      const phases: readonly Phase[] = [
        'running',
        'paused',
        'interrupted',
        'upgraded',
        'finalize-failed',
        // Stuck before the old version may run: the word that the database was restored leads on.
        ...(restored === undefined ? [] : (['stuck'] as const)),
      ];
      requireTurn(runOf(desk, id), id);
      requirePhase(runOf(desk, id), phases, 'rolled back');
      await requireWayBack(runOf(desk, id), journal.state(), engineOf);
      return decide(desk, id, {
        actor,
        verb: 'rollback',
        phases,
        done: 'rolled back',
        events: (run) => [
          backEvent(run, by, {
            why: `asked for by ${by.name}`,
            ...(restored === undefined ? {} : { restored }),
          }),
        ],
      });
    },
    finalize: (actor, id) => {
      const run = runOf(desk, id);
      const hold = journal.state().holds[run.plan.service];
      if (hold && hold.run !== run.id)
        throw new Refusal(
          'on-hold',
          `${hold.service} is on hold by ${hold.by.name}: ${hold.reason}`,
          `When that is settled: unhold ${hold.service}.`,
        );
      return decide(desk, id, {
        actor,
        verb: 'finalize',
        phases: ['upgraded', 'finalize-failed'],
        done: 'finalized',
        events: finalizeEvents,
      });
    },
    resume: (actor, id) =>
      decide(desk, id, {
        actor,
        verb: 'resume',
        phases: ['paused', 'interrupted', 'stuck'],
        done: 'resumed',
        events: (_run, by) => [{ kind: 'resumed', by }],
      }),
  };
};

/** Ends a run as it is; nobody will answer for its drained servers any more. */
const close = async (desk: Desk, id: RunRef, actor: Actor): Promise<Run> => {
  const closed = await decide(desk, id, {
    actor,
    verb: 'cancel',
    phases: ['paused', 'interrupted', 'stuck', 'finalize-failed'],
    done: 'closed',
    events: (_run, by) => [{ kind: 'abandoned', by }],
  });
  await putBack(desk.workshop, closed);
  return runOf(desk, id);
};

/** Going back where the journal says that it can be done, or on somebody's typed word that the database was restored. */
const backEvent = (run: Run, by: Actor, said: { why: string; restored?: string }): RunEvent => {
  const stop = noWayBack(run);
  if (stop && !(stop.code === 'no-backup-word' && said.restored))
    throw new Refusal(stop.code, stop.why, stop.wayOut);
  return { kind: 'rollback', by, ...said };
};
