import { describe, expect, test } from 'vitest';
import type { App, RunRef } from '../../src/app.js';
import { Refusal } from '../../src/errors.js';
import type { Actor } from '../../src/run/event.js';
import type { Run } from '../../src/run/run.js';
import { ANN, BOB, CEM, freshScene } from '../run/scene.js';

/** In Slack the limiter lets few of thousands of requests through; here every single one reaches the decision. */
const CALLS = 10_000;

const PEOPLE = [
  { name: 'Ann', slack: ANN.id, roles: ['operator'] },
  { name: 'Bob', slack: BOB.id, roles: ['operator', 'approver'] },
  { name: 'Cem', slack: CEM.id, roles: ['operator', 'approver'] },
  { name: 'Zoe', slack: 'U0ZOE', roles: ['operator', 'approver'] },
];
const ZOE: Actor = { id: 'U0ZOE', name: 'Zoe', door: 'slack' };

const WELL = { config: { people: PEOPLE } };
const NEVER_WELL = {
  releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' as const }],
  config: { people: PEOPLE, policy: { on_failure: 'ask' } },
};

const requested = (app: App): Promise<Run> =>
  app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });

const settledAfter = async (app: App): Promise<Run> => {
  const { id } = await requested(app);
  await app.approve(ZOE, id);
  return app.settled(id);
};

const asDrawn = ({ id, turn }: Run): RunRef => ({ id, turn });
/** Half of them say which state of the run they are about, as buttons do; half name just the run, as words do. */
const eitherWay = (run: Run, at: number): RunRef => (at % 4 < 2 ? asDrawn(run) : run.id);

/**
 * A run that is resumed and fails again waits for the next word, so that only a word about the first time is too many
 * the second time.
 */
const CASES = [
  { verb: 'approve', kinds: ['approved', 'started'], cloud: WELL, ready: requested, refOf: eitherWay },
  {
    verb: 'finalize',
    kinds: ['finalize-approved', 'finalizing', 'finalized'],
    cloud: WELL,
    ready: settledAfter,
    refOf: eitherWay,
  },
  {
    verb: 'rollback',
    kinds: ['rollback', 'rolled-back'],
    cloud: WELL,
    ready: settledAfter,
    refOf: eitherWay,
  },
  { verb: 'resume', kinds: ['resumed'], cloud: NEVER_WELL, ready: settledAfter, refOf: asDrawn },
] as const;

const countsOf = async (app: App, id: string, kinds: readonly string[]): Promise<readonly number[]> => {
  const events = await app.eventsOf(id);
  return kinds.map((kind) => events.filter(({ event }) => event.kind === kind).length);
};

describe.each(CASES)(`of ${CALLS} calls of $verb at once`, ({ verb, kinds, cloud, ready, refOf }) => {
  test.each([
    ['one person', [BOB]],
    ['two people', [BOB, CEM]],
  ])('by %s, one is executed, and every other one is refused', { timeout: 240_000 }, async (_who, people) => {
    const { life } = await freshScene(cloud);
    const run = await ready(life.app);
    const before = await countsOf(life.app, run.id, kinds);
    const calls = Array.from({ length: CALLS / people.length }, (_none, at) =>
      people.map((who) => life.app[verb](who, refOf(run, at))),
    ).flat();
    const answers = await Promise.allSettled(calls);
    await life.app.settled(run.id);
    expect(await countsOf(life.app, run.id, kinds)).toEqual(before.map((count) => count + 1));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = answers.filter((one) => one.status === 'rejected' && one.reason instanceof Refusal);
    expect(refusals).toHaveLength(CALLS - 1);
  });
});
