import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import type { Drain } from '../../src/plan/plan.js';
import { simCloud } from '../../src/sim/cloud.js';
import type { StepContext } from '../../src/steps/context.js';
import { drainServers, readyServers } from '../../src/steps/drain.js';
import { samplePlan } from '../builders.js';
import { aContainer } from '../engine/inspect-builder.js';

const DRAIN: Drain = {
  graceSeconds: 30,
  balancers: [{ host: 'ctl1', container: 'haproxy', socket: '/run/haproxy.sock', servers: ['b/ctl1'] }],
};

type Server = {
  readonly name: string;
  readonly status: string;
  readonly admin: number;
  readonly sessions: number;
};
const up = (name: string, change: Partial<Server> = {}): Server => ({
  name,
  status: 'UP',
  admin: 0,
  sessions: 0,
  ...change,
});

const printed = (servers: readonly Server[]): string =>
  [
    'level admin',
    '# pxname,svname,qcur,qmax,scur,status',
    ...servers.map(({ name, status, sessions }) => `b,${name},0,0,${sessions},${status}`),
    'be_name srv_name srv_addr srv_op_state srv_admin_state srv_port',
    ...servers.map(({ name, admin }) => `b ${name} 192.0.2.1 2 ${admin} 80`),
  ].join('\n');

/** A HAProxy of the test's making, and a clock that only sleeping moves. */
const stage = (servers: () => readonly Server[], change: Partial<StepContext> = {}, obedience = '\n') => {
  let now = 0;
  const notes: string[] = [];
  const orders: string[] = [];
  const exec = async (_id: string, command: readonly string[]) => {
    const order = /set server \S+ state \w+/.exec(command[2] ?? '')?.[0];
    if (order) orders.push(order);
    return { exitCode: 0, output: order ? obedience : printed(servers()) };
  };
  const inspect = async () => aContainer({ name: 'haproxy' });
  const engine = { ...simCloud({ hosts: [{ name: 'ctl1' }] }).operator('ctl1'), exec, inspect };
  const context: StepContext = {
    run: 'r1',
    plan: samplePlan(),
    part: 'steps',
    index: 0,
    engine: () => engine,
    units: () => undefined,
    rendered: () => Promise.reject(new Error('not asked for')),
    askService: undefined,
    readyBefore: [],
    memory: () => ({ status: 'started' }),
    emit: async () => undefined,
    note: async (text) => void notes.push(text),
    health: { interval: 1_000, successes: 1, minimum: 0, deadline: 1_000 },
    patience: { tries: 2, pauseMs: 1, maxPauseMs: 1 },
    stubborn: false,
    bornAt: 0,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    tail: (text) => text,
    keepLog: async () => null,
    checkpoint: () => undefined,
    frontDoor: undefined,
    reach: new Set(),
    specs: { keep: async () => '', read: async () => undefined },
    ...change,
  };
  return { context, notes, orders, now: () => now };
};

test('a server that HAProxy does not see up within a minute makes the run go back', async () => {
  const { context, now } = stage(() => [up('ctl1', { status: 'DOWN' }), up('ctl2')]);
  await expect(readyServers({ drain: DRAIN }, context)).rejects.toThrow(
    'b/ctl1 in haproxy on ctl1 is DOWN, 60 s after it was put to ready.',
  );
  expect(now()).toBe(60_000);
});

test('on the way back that is only noted', async () => {
  const { context, notes } = stage(() => [up('ctl1', { status: 'DOWN' }), up('ctl2')], { stubborn: true });
  await readyServers({ drain: DRAIN }, context);
  expect(notes).toEqual(['b/ctl1 in haproxy on ctl1 is DOWN, 60 s after it was put to ready.']);
});

test('an order to put it back that is refused is given again, then noted with the command for people', async () => {
  const drained = () => [up('ctl1', { status: 'DRAIN', admin: 8 }), up('ctl2')];
  const { context, notes, orders } = stage(drained, {}, 'Permission denied\n');
  await readyServers({ drain: DRAIN }, context);
  expect(orders).toHaveLength(context.patience.tries);
  expect(notes).toEqual([
    expect.stringMatching(
      /may stay drained \(.*Permission denied\); that is tried again\. On ctl1: docker exec haproxy sh -c/,
    ),
  ]);
});

test('requests are given the whole grace and no more', async () => {
  const { context, notes, now } = stage(() => [up('ctl1', { sessions: 1 }), up('ctl2')]);
  await drainServers({ drain: DRAIN }, context);
  expect([now(), notes]).toEqual([
    30_000,
    ['After 30 s of draining there are still requests: 1 at b/ctl1 in haproxy on ctl1.'],
  ]);
});

test('on the way back nobody waits for the requests of a version that does not answer any more', async () => {
  const servers = () => [up('ctl1', { status: 'DOWN', admin: 8, sessions: 4 }), up('ctl2')];
  const { context, now } = stage(servers, { stubborn: true });
  await drainServers({ drain: DRAIN }, context);
  expect(now()).toBe(0);
});

test('a server that nobody would stand in for is not drained on the way back either', async () => {
  const { context, orders } = stage(() => [up('ctl1'), up('ctl2', { status: 'DOWN' })], { stubborn: true });
  await drainServers({ drain: DRAIN }, context);
  expect(orders).toEqual([]);
});

test('a dead process is drained although nobody stands in: the swap is what brings it back', async () => {
  const { context, orders } = stage(() => [up('ctl1', { status: 'DOWN' }), up('ctl2', { status: 'DOWN' })]);
  await drainServers({ drain: DRAIN }, context);
  expect(orders).toEqual(['set server b/ctl1 state drain']);
});

test('a server that is in the plan and not in HAProxy any more stops the step before anything is stopped', async () => {
  const { context } = stage(() => [up('ctl2')]);
  await expect(drainServers({ drain: DRAIN }, context)).rejects.toThrow(
    'haproxy on ctl1 has no server b/ctl1 any more: plan again.',
  );
  await expect(readyServers({ drain: DRAIN }, context)).resolves.toBeUndefined();
});

test('at Finalize a server that HAProxy does not have any more is said, and the rest goes on', async () => {
  const { context, notes, orders } = stage(() => [up('ctl2')], { part: 'finalize' });
  await drainServers({ drain: DRAIN }, context);
  expect([orders, notes]).toEqual([
    [],
    ['haproxy on ctl1 has no server b/ctl1 any more: nothing is drained there.'],
  ]);
});

test('a host that left the hosts file has nothing that is drained or put back', async () => {
  const { context, notes, orders } = stage(() => [up('ctl1'), up('ctl2')]);
  const gone: StepContext = {
    ...context,
    engine: (host) => {
      throw new Refusal('engine-unreachable', `The host ${host} is not in the hosts file.`, 'Put it back.');
    },
  };
  await drainServers({ drain: DRAIN }, gone);
  await readyServers({ drain: DRAIN }, gone);
  expect([orders, notes]).toEqual([
    [],
    ['haproxy on ctl1 is on a host that is not in the hosts file any more: nothing is drained there.'],
  ]);
});

test('drain: false in the hosts file holds for a plan that was made before it, too', async () => {
  const { context, notes, orders } = stage(() => [up('ctl1')], { drainOff: true });
  await drainServers({ drain: DRAIN }, context);
  expect([orders, notes]).toEqual([[], ['Nothing is drained: the hosts file says `drain: false`.']]);
});
