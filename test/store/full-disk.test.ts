import { describe, expect, test } from 'vitest';
import { messageOf } from '../../src/errors.js';
import type { Journal } from '../../src/run/journal.js';
import { NO_ROOM } from '../../src/run/room.js';
import { simDisk } from '../../src/sim/disk.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { randomFrom } from '../../src/sim/random.js';
import { BLOBS_FOLDER, type Blobs, blobsIn } from '../../src/store/blobs.js';
import { openStore } from '../../src/store/store.js';
import { from, onlyRun } from '../run/mishaps.js';
import { ANN, BOB, bornOver, cinderCloud, running, upgradeTo, withoutPorts } from '../run/scene.js';

const FOLDER = '/var/lib/stackswap';

const JOURNAL = `${FOLDER}/journal-`;
const BLOBS = `${FOLDER}/${BLOBS_FOLDER}/`;

/** A cloud, and a bot whose disk is full from one write on, of its journal or of a configuration that it keeps. */
const world = async ({ reserveBytes }: { reserveBytes: number }) => {
  const scene = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      config: { health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' } },
    }),
  );
  const chance = randomFrom(reserveBytes);
  const writes: string[] = [];
  let fullAt = Number.POSITIVE_INFINITY;
  const disk = simDisk({
    random: () => chance.int(1_000) / 1_000,
    fate: ({ what, path }) => {
      if (what !== 'append' || ![JOURNAL, BLOBS].some((one) => path.startsWith(one))) return undefined;
      writes.push(path);
      if (writes.length === fullAt) disk.setRoom(disk.used());
      return undefined;
    },
  });
  const unkept: string[] = [];
  const begin = async () => {
    const process = disk.start();
    const log = { warn: () => undefined, error: () => undefined };
    const onDisk = blobsIn(FOLDER, process.disk);
    const blobs: Blobs = {
      ...onDisk,
      keep: (text) =>
        onDisk.keep(text).catch((error: unknown) => {
          unkept.push(messageOf(error));
          throw error;
        }),
    };
    return { store: await openStore({ folder: FOLDER, log, reserveBytes, ...process }), blobs };
  };
  const { store, blobs } = await begin();
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
    blobs,
    watch,
    undeclared,
    begin,
    writes,
    /** Why a configuration could not be kept. */
    unkept,
    fillAt: (nth: number) => {
      fullAt = writes.length + nth;
    },
  };
};

type World = Awaited<ReturnType<typeof world>>;

const bornIn = ({ scene, journal, blobs }: World) => bornOver(scene, journal, { blobs });

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
  const life = await bornIn(here);
  const before = here.writes.length;
  const { id } = await upgradeTo(life.app, '2025.2');
  const forward = here.writes.slice(before);
  await life.app.rollback(BOB, id);
  await life.app.settled(id);
  return {
    names,
    forward: forward.length,
    back: here.writes.length - before - forward.length,
    /** Which writes of the upgrade keep a configuration. */
    keeping: from(forward.length).filter((nth) => forward[nth - 1]?.startsWith(BLOBS)),
  };
})();

test('the parts of a run write as often as these tests fill the disk', () => {
  expect(faultless.forward + faultless.back).toBeGreaterThan(100);
  expect(faultless.keeping.length).toBeGreaterThanOrEqual(3);
});

describe('a disk that is full from one write on, with a reserve', () => {
  test.each(from(faultless.forward).filter((nth) => !faultless.keeping.includes(nth)))(
    'write %i of an upgrade: the service runs, the run waits or is done, and goes on when there is room',
    async (nth) => {
      const here = await world({ reserveBytes: RESERVE });
      const { app } = await bornIn(here);
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

  test.each(faultless.keeping)(
    'write %i of an upgrade, which keeps a configuration: nothing more is stopped, and the old version ends running',
    async (nth) => {
      const here = await world({ reserveBytes: RESERVE });
      const { app } = await bornIn(here);
      here.fillAt(nth);
      const { id, phase, rollback } = await upgradeTo(app, '2025.2');
      expect([phase, rollback?.why]).toEqual([
        'rolled-back',
        expect.stringMatching(/could not be kept in the state folder \(ENOSPC.*Nothing was stopped\.$/),
      ]);
      expect(here.unkept).toEqual([expect.stringContaining('ENOSPC')]);
      await expectServing(here, faultless.names);
      expect(new Set(Object.values(await running(here.scene)))).toEqual(new Set(['2025.1']));
      here.disk.setRoom(Number.POSITIVE_INFINITY);
      await app.unhold(BOB, 'cinder');
      const again = await upgradeTo(app, '2025.2');
      expect([id === again.id, again.phase]).toEqual([false, 'upgraded']);
      await expectServing(here, faultless.names);
    },
  );

  test.each(from(faultless.forward).filter((nth) => nth % 4 === 0))(
    'write %i of an upgrade: what waits can be rolled back though the disk stays full',
    async (nth) => {
      const here = await world({ reserveBytes: RESERVE });
      const { app } = await bornIn(here);
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
    const { app } = await bornIn(here);
    const { id } = await upgradeTo(app, '2025.2');
    here.fillAt(nth);
    await app.rollback(BOB, id);
    expect((await app.settled(id)).phase).toBe('rolled-back');
    await expectServing(here, faultless.names);
  });
});

describe('a disk that is full and has no reserve left', () => {
  test.each(from(faultless.forward).filter((nth) => nth % 2 === 0 || faultless.keeping.includes(nth)))(
    'write %i of an upgrade: nothing is done undeclared, and a restart with room ends it',
    async (nth) => {
      const here = await world({ reserveBytes: 0 });
      const first = await bornIn(here);
      here.fillAt(nth);
      await upgradeTo(first.app, '2025.2').catch(() => undefined);
      expect(here.undeclared).toEqual([]);
      expect(here.watch.violations).toEqual([]);
      here.disk.setRoom(Number.POSITIVE_INFINITY);
      here.disk.kill();
      const { store: again, blobs } = await here.begin();
      const { app } = await bornOver(here.scene, again, { blobs });
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
