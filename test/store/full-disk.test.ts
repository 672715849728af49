import { describe, expect, test } from 'vitest';
import type { Journal } from '../../src/run/journal.js';
import { NO_ROOM } from '../../src/run/room.js';
import { simDisk } from '../../src/sim/disk.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { randomFrom } from '../../src/sim/random.js';
import { openStore } from '../../src/store/store.js';
import { from, onlyRun } from '../run/mishaps.js';
import { ANN, BOB, bornOver, cinderCloud, running, upgradeTo, withoutPorts } from '../run/scene.js';

const FOLDER = '/var/lib/stackswap';

/** A cloud, and a bot whose disk is full from one append to the journal on. */
const world = async ({ reserveBytes }: { reserveBytes: number }) => {
  const scene = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      config: { health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' } },
    }),
  );
  const chance = randomFrom(reserveBytes);
  let appends = 0;
  let fullAt = Number.POSITIVE_INFINITY;
  const disk = simDisk({
    random: () => chance.int(1_000) / 1_000,
    fate: ({ what, path }) => {
      if (what !== 'append' || !path.includes('journal-')) return undefined;
      appends += 1;
      if (appends === fullAt) disk.setRoom(disk.used());
      return undefined;
    },
  });
  const begin = () =>
    openStore({
      folder: FOLDER,
      log: { warn: () => undefined, error: () => undefined },
      reserveBytes,
      ...disk.start(),
    });
  const store = await begin();
  const watch = watchInvariants(scene.cloud);
  const open = new Set<string>();
  const journal: Journal = {
    ...store,
    append: async (run, event) => {
      await store.append(run, event);
      if (event.kind === 'call') open.add(event.host);
      if (event.kind === 'call-ended') open.clear();
    },
  };
  const undeclared: string[] = [];
  scene.cloud.inject(({ mutating, host, call, target }) => {
    if (mutating && !open.has(host)) undeclared.push(`${call} of ${target} on ${host}`);
    return 'ok';
  });
  return {
    scene,
    disk,
    store,
    journal,
    watch,
    undeclared,
    begin,
    appends: () => appends,
    fillAt: (nth: number) => {
      fullAt = appends + nth;
    },
  };
};

type World = Awaited<ReturnType<typeof world>>;

const namesIn = async ({ scene }: Pick<World, 'scene'>): Promise<ReadonlySet<string>> =>
  new Set(Object.keys(await running(scene)));

/** Every container runs, one of old and new each, and every call had been declared in the journal. */
const expectServing = async (here: World, names: ReadonlySet<string>): Promise<void> => {
  expect(here.undeclared).toEqual([]);
  expect(here.watch.violations).toEqual([]);
  expect(await here.watch.atRest()).toEqual([]);
  expect(await namesIn(here)).toEqual(names);
};

const RESERVE = 1024 * 1024;

const faultless = await (async () => {
  const here = await world({ reserveBytes: RESERVE });
  const names = await namesIn(here);
  const life = await bornOver(here.scene, here.journal);
  const before = here.appends();
  const { id } = await upgradeTo(life.app, '2025.2');
  const forward = here.appends() - before;
  await life.app.rollback(BOB, id);
  await life.app.settled(id);
  return { names, forward, back: here.appends() - before - forward };
})();

test('the parts of a run write as often as these tests fill the disk', () => {
  expect(faultless.forward + faultless.back).toBeGreaterThan(100);
});

describe('a disk that is full from one write of the journal on, with a reserve', () => {
  test.each(from(faultless.forward))(
    'write %i of an upgrade: the service runs, the run waits or is done, and goes on when there is room',
    async (nth) => {
      const here = await world({ reserveBytes: RESERVE });
      const { app } = await bornOver(here.scene, here.journal);
      here.fillAt(nth);
      await upgradeTo(app, '2025.2').catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'disk-full' });
      });
      await expectServing(here, faultless.names);
      const [run] = Object.values(here.store.state().runs);
      expect(['proposed', 'paused', 'upgraded']).toContain(run?.phase);
      if (run?.phase === 'paused') expect(run.why ?? run.asked?.why).toBe(NO_ROOM);
      await expect(app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} })).rejects.toThrow();
      here.disk.setRoom(Number.POSITIVE_INFINITY);
      const id = onlyRun(here.store).id;
      if (run?.phase === 'proposed') await app.approve(BOB, id);
      if (run?.phase === 'paused') await app.resume(ANN, id);
      expect((await app.settled(id)).phase).toBe('upgraded');
      await expectServing(here, faultless.names);
    },
  );

  test.each(from(faultless.forward).filter((nth) => nth % 4 === 0))(
    'write %i of an upgrade: what waits can be rolled back though the disk stays full',
    async (nth) => {
      const here = await world({ reserveBytes: RESERVE });
      const { app } = await bornOver(here.scene, here.journal);
      here.fillAt(nth);
      await upgradeTo(app, '2025.2').catch(() => undefined);
      const run = onlyRun(here.store);
      if (run.phase === 'proposed') return expect((await app.cancel(ANN, run.id)).phase).toBe('cancelled');
      await app.rollback(BOB, run.id);
      expect((await app.settled(run.id)).phase).toBe('rolled-back');
      await expectServing(here, faultless.names);
      expect(new Set(Object.values(await running(here.scene)))).toEqual(new Set(['2025.1']));
    },
  );

  test.each(from(faultless.back))('write %i of a roll back: the old version ends running', async (nth) => {
    const here = await world({ reserveBytes: RESERVE });
    const { app } = await bornOver(here.scene, here.journal);
    const { id } = await upgradeTo(app, '2025.2');
    here.fillAt(nth);
    await app.rollback(BOB, id);
    expect((await app.settled(id)).phase).toBe('rolled-back');
    await expectServing(here, faultless.names);
  });
});

describe('a disk that is full and has no reserve left', () => {
  test.each(from(faultless.forward).filter((nth) => nth % 2 === 0))(
    'write %i of an upgrade: nothing is done undeclared, and a restart with room ends it',
    async (nth) => {
      const here = await world({ reserveBytes: 0 });
      const first = await bornOver(here.scene, here.journal);
      here.fillAt(nth);
      await upgradeTo(first.app, '2025.2').catch(() => undefined);
      expect(here.undeclared).toEqual([]);
      expect(here.watch.violations).toEqual([]);
      here.disk.setRoom(Number.POSITIVE_INFINITY);
      here.disk.kill();
      const again = await here.begin();
      const { app } = await bornOver(here.scene, again);
      here.scene.cloud.inject();
      const [run] = Object.values(again.state().runs);
      if (run?.phase === 'interrupted') await app.resume(ANN, run.id);
      if (run) await app.settled(run.id);
      expect([undefined, 'proposed', 'voided', 'upgraded']).toContain(
        run && again.state().runs[run.id]?.phase,
      );
      await expectServing(here, faultless.names);
    },
  );
});
