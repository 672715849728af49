import { policyHash } from '../authority/policy.js';
import { policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import { fingerprintOf, type Plan } from '../plan/plan.js';
import type { Actor } from '../run/event.js';
import type { Run } from '../run/run.js';
import { type Desk, runOf } from './desk.js';
import type { Guarded } from './guard.js';
import { planNow } from './looking.js';
import { obstaclesFor } from './open-runs.js';

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

/** Requests of one person that may wait at the same time. */
const MOST_WAITING = 3;

/** Nobody fills the channel, or holds every service, with requests that nobody has agreed to. */
const requireRoom = ({ workshop }: Desk, by: Actor): void => {
  const waiting = Object.values(workshop.journal.state().runs).filter(
    ({ phase, requestedBy }) => phase === 'proposed' && requestedBy.id === by.id,
  );
  const [first] = waiting;
  if (waiting.length < MOST_WAITING || !first) return;
  throw new Refusal(
    'too-many-open',
    `${by.name} has ${waiting.length} requests that wait already: ${waiting.map(({ id, plan }) => `${id} (${plan.service})`).join(', ')}.`,
    `Have one approved, or take one back: cancel ${first.id}.`,
  );
};

const requestRun = (desk: Desk, plan: Plan, by: Actor): Promise<Run> =>
  desk.exclusive(async () => {
    const { config, journal, clock } = desk.workshop;
    const obstacle = obstaclesFor(journal.state(), plan.service)[0];
    if (obstacle) throw new Refusal(obstacle.code, obstacle.text, obstacle.wayOut);
    requireRoom(desk, by);
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
      policy: policyHash(config, plan.service),
    });
    return runOf(desk, id);
  });

/** Plans, and asks for approvals of exactly that plan. */
export const requestsOf = (desk: Desk): Guarded<'upgrade'> => ({
  upgrade: async ({ actor }, request) => {
    requireRoom(desk, actor);
    const plan = await planNow(desk.workshop, request);
    requireNoBlock(plan);
    return requestRun(desk, plan, actor);
  },
});
