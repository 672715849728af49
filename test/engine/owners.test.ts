import { expect, test } from 'vitest';
import { renameFirst } from '../../src/engine/rename-first.js';
import { unitOwned } from '../../src/engine/unit-owned.js';
import { virtualClock } from '../../src/sim/clock.js';
import { kollaCloud } from '../sim/kolla.js';

const NAME = 'placement_api';
const UNIT = `kolla-${NAME}-container.service`;

/** One container under its unit, a second one of its kind beside it, and both ways to own them. */
const scene = async (systemd: true | { stopSeconds?: number } = true) => {
  const { cloud } = await kollaCloud({ services: ['placement'], systemd, clock: virtualClock() });
  const engine = cloud.operator('node1');
  const old = (await engine.inspect(NAME))?.Id ?? '';
  const made = await engine.inspect(old);
  const body = { ...made?.Config, HostConfig: made?.HostConfig };
  const other = await engine.create(`${NAME}__swap_r1`, { body, connect: [] });
  const { sleep } = cloud.clock;
  const notes: string[] = [];
  const past = { unit: UNIT, name: NAME, sleep, note: async (text: string) => void notes.push(text) };
  return {
    cloud,
    engine,
    old,
    other,
    notes,
    past,
    unit: () => cloud.unitFiles('node1').get(UNIT)?.state,
    calls: () =>
      cloud.calls.map(({ call, target }) => `${call} ${target === UNIT ? 'UNIT' : target.slice(0, 12)}`),
    owned: unitOwned(cloud.engine('node1'), cloud.units('node1'), { unit: UNIT, name: NAME, sleep }),
  };
};

const running = async ({ engine }: Awaited<ReturnType<typeof scene>>): Promise<string[]> =>
  (await engine.list()).filter(({ state }) => state === 'running').map(({ name }) => name);

test('a container that does not bear the name is stopped by the engine, and the unit is told nothing', async () => {
  const here = await scene();
  await here.engine.rename(here.old, `${NAME}__prev_r1`);
  await here.engine.rename(here.other, NAME);
  await here.owned.stop(here.old, 80);
  expect(here.calls()).toEqual([`stop ${here.old.slice(0, 12)}`]);
});

test('a container that does not bear the name is never started through the unit', async () => {
  const here = await scene();
  await expect(here.owned.start(here.other)).rejects.toThrow('does not bear the name placement_api');
  expect(here.calls()).toEqual([]);
});

test('that we may not give orders to the unit is found out before anything is stopped', async () => {
  const here = await scene();
  here.cloud.inject(({ call }) => (call === 'unit clear' ? 'refuse' : 'ok'));
  await expect(here.owned.stop(here.old, 80)).rejects.toThrow('refused');
  expect([await running(here), here.calls()]).toEqual([[NAME], ['unit clear UNIT']]);
});

test('a unit whose name somebody took since is not stopped', async () => {
  const here = await scene();
  const { cloud, engine, old, other } = here;
  cloud.onCall(async ({ call, mutating }) => {
    if (!mutating || call !== 'unit clear') return;
    await engine.rename(old, `${NAME}_of_kolla`);
    await engine.rename(other, NAME);
  });
  await here.owned.stop(old, 80);
  expect(here.calls()).toEqual(['unit clear UNIT', `stop ${old.slice(0, 12)}`]);
});

test('an ended container is not dead while its unit waits to start it again', async () => {
  const here = await scene();
  await here.engine.stop(here.old, 80);
  expect(await here.owned.seenDead(here.old)).toBe(false);
  await here.owned.stop(here.old, 80);
  expect(await here.owned.seenDead(here.old)).toBe(true);
  await here.cloud.clock.sleep(60_000);
  expect(await running(here)).toEqual([]);
});

test('a container that runs past its unit is not active, and a start lets the unit take it up without a restart', async () => {
  const here = await scene();
  await here.owned.stop(here.old, 80);
  await here.engine.start(here.old);
  const before = (await here.engine.inspect(here.old))?.State.StartedAt;
  expect(await here.owned.seenActive(here.old)).toBe(false);
  await here.owned.start(here.old);
  expect(await here.owned.seenActive(here.old)).toBe(true);
  expect((await here.engine.inspect(here.old))?.State.StartedAt).toBe(before);
});

test('a unit that gave up is cleared before the start', async () => {
  const here = await scene();
  await here.owned.stop(here.old, 80);
  const unit = here.cloud.unitFiles('node1').get(UNIT);
  if (unit) Object.assign(unit, { state: 'failed', starts: Array(10).fill(here.cloud.clock.now()) });
  await here.owned.start(here.old);
  expect(here.unit()).toBe('active');
});

test('past a unit a start waits for the unit, and starts nothing itself', async () => {
  const here = await scene();
  await here.engine.rename(here.old, `${NAME}__prev_r1`);
  await here.engine.rename(here.other, NAME);
  const owner = renameFirst(here.cloud.engine('node1'), here.past);
  await owner.stop(here.old, 80);
  const began = here.cloud.clock.now();
  await owner.start(here.other);
  expect(here.cloud.clock.now() - began).toBeGreaterThanOrEqual(10_900);
  expect([await running(here), here.calls(), here.notes]).toEqual([
    [NAME],
    [`stop ${here.old.slice(0, 12)}`],
    [],
  ]);
});

test('past a unit that had looked up the name just before the rename, the other version is stopped again', async () => {
  const here = await scene();
  await here.engine.stop(here.old, 80);
  await here.engine.rename(here.old, `${NAME}__prev_r1`);
  await here.engine.rename(here.other, NAME);
  // `docker start -a` asks for the id by name first, and starts by id then.
  const unit = here.cloud.unitFiles('node1').get(UNIT);
  await here.engine.start(here.old);
  if (unit) Object.assign(unit, { state: 'active', attached: here.old, restartsAt: undefined });
  const rival = { id: here.old, graceSeconds: 80 };
  await renameFirst(here.cloud.engine('node1'), { ...here.past, rival }).start(here.other);
  expect([await running(here), here.unit(), here.notes]).toEqual([[NAME], 'active', []]);
});
