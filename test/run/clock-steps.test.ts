import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Clock, steadyNow } from '../../src/probes/clock.js';
import { virtualClock } from '../../src/sim/clock.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, upgradeTo, withoutPorts } from './scene.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A machine whose clock can be set, and a bot's process on it. */
const machine = async () => {
  const time = virtualClock(Date.UTC(2026, 10, 22, 10));
  let set = 0;
  const wall = () => time.now() + set;
  const scene = withoutPorts(await cinderCloud({ services: ['cinder'], clock: time }));
  /** As `realClock` is made, once for each process. */
  const clockOfProcess = (): Clock => ({ now: steadyNow(wall, time.now), sleep: time.sleep });
  let clock = clockOfProcess();
  const journal = memoryJournal({ clock: () => clock.now() });
  const begin = async () => {
    clock = clockOfProcess();
    return bornOver({ ...scene, cloud: { ...scene.cloud, clock } }, journal);
  };
  return {
    scene,
    time,
    journal,
    begin,
    step: (ms: number) => {
      set += ms;
    },
  };
};

const ask = { service: 'cinder', to: '2025.2', overrides: {} };

describe.each([HOUR, -HOUR])('a clock that is set by %i ms', (step) => {
  test('in the midst of an upgrade fails nothing and shows in no duration', async () => {
    const here = await machine();
    const watch = watchInvariants(here.scene.cloud);
    const { app } = await here.begin();
    here.scene.cloud.inject(({ nthMutating, mutating }) => {
      if (mutating && nthMutating % 7 === 3) here.step(nthMutating % 2 === 0 ? step : -2 * step);
      return 'ok';
    });
    const run = await upgradeTo(app, '2025.2');
    expect([run.phase, run.why]).toEqual(['upgraded', undefined]);
    expect(run.tookMs).toBeGreaterThan(0);
    expect(run.tookMs).toBeLessThan(30 * MINUTE);
    expect(watch.violations).toEqual([]);
  });

  test('while a request waits makes it valid neither longer nor shorter', async () => {
    const here = await machine();
    const { app } = await here.begin();
    const { id, expiresAt, requestedAt } = await app.upgrade(ANN, ask);
    const length = Date.parse(expiresAt) - Date.parse(requestedAt);
    here.step(step);
    here.time.advance(length - MINUTE);
    expect(app.run(id).phase).toBe('proposed');
    here.time.advance(2 * MINUTE);
    await expect(app.approve(BOB, id)).rejects.toMatchObject({ code: 'expired' });
  });
});

test('a request from before a restart is void when the clock went back, since nobody knows how long it waited', async () => {
  const here = await machine();
  const { id } = await (await here.begin()).app.upgrade(ANN, ask);
  here.time.advance(MINUTE);
  here.step(-HOUR);
  const { app } = await here.begin();
  expect(app.run(id)).toMatchObject({ phase: 'voided', why: expect.stringContaining('went back') });
});

test('a request from before a restart is over when the clock went ahead', async () => {
  const here = await machine();
  const { id } = await (await here.begin()).app.upgrade(ANN, ask);
  here.step(24 * HOUR);
  const { app } = await here.begin();
  expect(app.run(id).phase).toBe('expired');
});

test('a restart alone leaves a request what it was', async () => {
  const here = await machine();
  const { id, expiresAt } = await (await here.begin()).app.upgrade(ANN, ask);
  here.time.advance(MINUTE);
  const { app } = await here.begin();
  expect(app.run(id)).toMatchObject({ phase: 'proposed', expiresAt });
});

const SOURCES = new URL('../../src/', import.meta.url);

/** The steady clock itself; the dates of journals without one; Slack's time, which is in its signatures. */
const WALL_TIME = ['probes/clock.ts', 'store/memory.ts', 'store/store.ts', 'slack/http-receiver.ts'];

test('no other deadline or memory of the program is kept by the wall clock, which may be set', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^(sim|demo)\//.test(file))
    .filter((file) => readFileSync(new URL(file, SOURCES), 'utf8').includes('Date.now'));
  expect(new Set(files)).toEqual(new Set(WALL_TIME));
});
