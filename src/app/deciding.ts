import type { App } from '../app.js';
import { authorize, type Verb } from '../authority/authority.js';
import { identify } from '../authority/people.js';
import { policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import { fingerprintOf, type Plan } from '../plan/plan.js';
import type { Actor, RunEvent } from '../run/event.js';
import { noWayBack } from '../run/going-back.js';
import type { Phase } from '../run/phase.js';
import { countedApprovals, type Run } from '../run/run.js';
import type { Workshop } from '../run/runner.js';
import { requireWayBack } from '../run/way-back.js';
import type { Background } from './background.js';
import type { Exclusive } from './exclusive.js';
import { planNow } from './looking.js';
import { obstaclesFor } from './open-runs.js';

export type Desk = {
  readonly workshop: Workshop;
  readonly background: Background;
  readonly exclusive: Exclusive;
  readonly newId: () => string;
};

type Decisions = Pick<
  App,
  'upgrade' | 'approve' | 'breakGlass' | 'reject' | 'cancel' | 'rollback' | 'finalize' | 'resume'
>;

const runOf = ({ workshop }: Desk, id: string): Run => {
  const run = workshop.journal.state().runs[id];
  if (run) return run;
  throw new Refusal('unknown-run', `There is no run "${id}".`, 'See: history.');
};

const describe = (run: Run): string => {
  const who =
    run.rollback?.by.name ?? run.decidedBy?.name ?? run.brokeGlass?.by.name ?? run.approvals.at(-1)?.name;
  return `Run ${run.id} of ${run.plan.service} is ${run.phase}${who ? ` (${who})` : ''}`;
};

const requirePhase = (run: Run, phases: readonly Phase[], verb: string): void => {
  if (phases.includes(run.phase)) return;
  throw new Refusal(
    'not-now',
    `${describe(run)}: it cannot be ${verb} now.`,
    `See: status ${run.plan.service}.`,
  );
};

/** Identifies, authorises, checks the phase and journals, with nobody in between; then the work goes on behind. */
const decide = (
  desk: Desk,
  id: string,
  request: {
    actor: Actor;
    verb: Verb;
    phases: readonly Phase[];
    done: string;
    events: (run: Run, actor: Actor) => readonly RunEvent[];
  },
): Promise<Run> =>
  desk.exclusive(async () => {
    const { config, journal } = desk.workshop;
    const run = runOf(desk, id);
    const actor = identify(config, request.actor);
    authorize(config, { actor, verb: request.verb });
    requirePhase(run, request.phases, request.done);
    authorize(config, { actor, verb: request.verb, run });
    for (const event of request.events(run, actor)) await journal.append(id, event);
    desk.background.kick(id);
    return runOf(desk, id);
  });

const requireFresh = async (desk: Desk, run: Run, fingerprint: string | undefined): Promise<void> => {
  const { journal, clock } = desk.workshop;
  if (run.phase === 'proposed' && Date.parse(run.expiresAt) <= clock.now()) {
    await desk.exclusive(async () => {
      if (runOf(desk, run.id).phase === 'proposed') await journal.append(run.id, { kind: 'expired' });
    });
    throw new Refusal(
      'expired',
      `Run ${run.id} waited for approval until ${run.expiresAt}.`,
      `Plan again: upgrade ${run.plan.service}.`,
    );
  }
  if (fingerprint !== undefined && !run.fingerprint.startsWith(fingerprint))
    throw new Refusal(
      'plan-stale',
      `That is not the plan of run ${run.id} as it is.`,
      'Read the plan in the thread and approve it there.',
    );
};

const requireNoBlock = (plan: Plan): void => {
  const blocking = plan.findings.filter((finding) => finding.level === 'block');
  const [first] = blocking;
  if (!first) return;
  const code = first.code === 'on-hold' || first.code === 'run-open' ? first.code : 'plan-blocked';
  throw new Refusal(
    code,
    blocking.map((finding) => finding.text).join(' '),
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
      if (['running', 'paused'].includes(runOf(desk, id).phase))
        return decide(desk, id, {
          actor,
          verb: 'cancel',
          phases: ['running', 'paused'],
          done: 'cancelled',
          events: (run, by) => [backEvent(run, by, { why: `cancelled by ${by.name}` })],
        });
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
      const phases = ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed'] as const;
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
      const hold = journal.state().holds[runOf(desk, id).plan.service];
      if (hold && hold.run !== id)
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

/** Going back where the journal says that it can be done, or on somebody's typed word that the database was restored. */
const backEvent = (run: Run, by: Actor, said: { why: string; restored?: string }): RunEvent => {
  const stop = noWayBack(run);
  if (stop && !(stop.code === 'no-backup-word' && said.restored))
    throw new Refusal(stop.code, stop.why, stop.wayOut);
  return { kind: 'rollback', by, ...said };
};
