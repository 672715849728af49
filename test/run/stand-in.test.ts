import { describe, expect, test } from 'vitest';
import { configHash } from '../../src/engine/config-hash.js';
import type { Journal } from '../../src/run/journal.js';
import type { Fault } from '../../src/sim/faults.js';
import { type Watch, watchInvariants } from '../../src/sim/invariants.js';
import { type Blobs, memoryBlobs } from '../../src/store/blobs.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { answer, from, mortal, once, onlyRun, orDeath } from './mishaps.js';
import { ANN, bornOver, cinderCloud, running, upgradeTo, withoutPorts } from './scene.js';

type World = {
  readonly scene: KollaScene;
  readonly kept: Journal;
  readonly blobs: Blobs;
  readonly watch: Watch;
  /** Of each container as it was before the run. */
  readonly was: Readonly<Record<string, string>>;
};

const NAMES = ['cinder_scheduler', 'cinder_volume', 'cinder_api'];

const hashes = async (scene: KollaScene): Promise<Record<string, string>> => {
  const engine = scene.cloud.operator('node1');
  const seen = await Promise.all(NAMES.map((name) => engine.inspect(name)));
  return Object.fromEntries(seen.flatMap((one) => (one ? [[one.Name, configHash(one)]] : [])));
};

/** A cloud whose cinder was upgraded, by a bot that keeps its journal and its blobs. */
const upgraded = async (systemd = false): Promise<World> => {
  const scene = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      systemd,
      env: ['CINDER_PASSWORD=not-a-real-one'],
      config: { health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' } },
    }),
  );
  const was = await hashes(scene);
  const watch = watchInvariants(scene.cloud);
  const [kept, blobs] = [memoryJournal(), memoryBlobs()];
  const { app } = await bornOver(scene, kept, { blobs });
  await upgradeTo(app, '2025.2');
  return { scene, kept, blobs, was, watch };
};

/** As `docker container prune` does it. */
const prune = async (scene: KollaScene, names = NAMES): Promise<void> => {
  const engine = scene.cloud.operator('node1');
  for (const { id, name, state } of await engine.list())
    if (state !== 'running' && names.some((one) => name.startsWith(`${one}__prev_`))) await engine.remove(id);
};

const forgetImages = (scene: KollaScene, names = NAMES): void => {
  const { images } = scene.cloud.host('node1');
  for (const name of names) images.remove(images.find(scene.ref(name, '2025.1'))?.id ?? '');
};

const expectOldVersion = async ({ scene, watch, was }: World): Promise<void> => {
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  expect(new Set(Object.values(await running(scene)))).toEqual(new Set(['2025.1']));
  expect(await hashes(scene)).toEqual(was);
  const engine = scene.cloud.operator('node1');
  expect((await engine.list()).map(({ name }) => name).filter((name) => name.includes('__'))).toEqual([]);
};

describe.each([false, true])('kept containers that somebody removed (systemd: %s)', (systemd) => {
  test('are made anew from what was kept of them, and the old version serves again', async () => {
    const here = await upgraded(systemd);
    await prune(here.scene);
    const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
    const { id } = onlyRun(here.kept);
    await app.rollback(ANN, id);
    const run = await app.settled(id);
    expect([run.phase, run.why]).toEqual(['rolled-back', undefined]);
    expect(run.notes.map(({ text }) => text).filter((text) => text.includes('made anew'))).toHaveLength(3);
    expect(run.compared.map(({ differences }) => differences)).toEqual([[], [], []]);
    await expectOldVersion(here);
  });

  test('also when their image went with them: it is pulled by its digest', async () => {
    const here = await upgraded(systemd);
    await prune(here.scene);
    forgetImages(here.scene);
    here.scene.rebuild('2025.1', 'newer');
    const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
    const { id } = onlyRun(here.kept);
    await app.rollback(ANN, id);
    expect((await app.settled(id)).phase).toBe('rolled-back');
    await expectOldVersion(here);
  });
});

test('the image of the old version is pulled also where images.registries names another registry by now', async () => {
  const here = await upgraded();
  await prune(here.scene);
  forgetImages(here.scene);
  const images = { ...here.scene.config.images, registries: ['elsewhere.example'] };
  const scene = { ...here.scene, config: { ...here.scene.config, images } };
  const { app } = await bornOver(scene, here.kept, { blobs: here.blobs });
  const { id } = onlyRun(here.kept);
  await app.rollback(ANN, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
  await expectOldVersion(here);
});

test('a volume that went with its container is not replaced by an empty one: nothing is made, and it is named', async () => {
  const here = await upgraded();
  const old = onlyRun(here.kept).plan.steps.flatMap((step) =>
    step.kind === 'swap' && step.old.name === 'cinder_volume' ? [step.old.id] : [],
  );
  const engine = here.scene.cloud.operator('node1');
  const mounts = (await engine.inspect(old[0] ?? ''))?.Mounts ?? [];
  const [volume = ''] = mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : []));
  expect(volume).not.toBe('');
  await prune(here.scene, ['cinder_volume']);
  const { volumes } = here.scene.cloud.host('node1');
  const content = volumes.get(volume) ?? new Map();
  volumes.delete(volume);
  const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
  const { id } = onlyRun(here.kept);
  await app.rollback(ANN, id);
  const stuck = await app.settled(id);
  expect(stuck.phase).toBe('stuck');
  expect(stuck.why).toContain(volume);
  expect(volumes.has(volume)).toBe(false);
  expect((await running(here.scene)).cinder_volume).toBe('2025.2');
  volumes.set(volume, content);
  await app.resume(ANN, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
});

test('one of three that is gone is made anew, the others are the old ones', async () => {
  const here = await upgraded();
  await prune(here.scene, ['cinder_volume']);
  const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
  const { id, plan } = onlyRun(here.kept);
  await app.rollback(ANN, id);
  await app.settled(id);
  await expectOldVersion(here);
  const engine = here.scene.cloud.operator('node1');
  const old = plan.steps.flatMap((step) => (step.kind === 'swap' ? [step.old] : []));
  const same = await Promise.all(
    old.map(async ({ name, id: was }) => [name, (await engine.inspect(name))?.Id === was]),
  );
  expect(Object.fromEntries(same)).toEqual({
    cinder_scheduler: true,
    cinder_volume: false,
    cinder_api: true,
  });
});

test('what is journaled of a configuration is the name of its blob, and no value of it', async () => {
  const { kept, blobs } = await upgraded();
  const { id, steps } = onlyRun(kept);
  const names = steps.flatMap(({ spec }) => spec ?? []);
  expect(names).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
  expect(JSON.stringify(await kept.eventsOf(id))).not.toContain('not-a-real-one');
  expect(await blobs.read(names[0] ?? '')).toContain('CINDER_PASSWORD=not-a-real-one');
});

describe('without what was kept', () => {
  const refusal = async (here: World, blobs: Blobs) => {
    const { app } = await bornOver(here.scene, here.kept, { blobs });
    await expect(app.rollback(ANN, onlyRun(here.kept).id)).rejects.toMatchObject({
      code: 'cannot-roll-back',
      why: expect.stringContaining(
        'the kept container of cinder_api is gone from node1, and its configuration (blobs/',
      ),
    });
    expect(onlyRun(here.kept).phase).toBe('upgraded');
    expect(new Set(Object.values(await running(here.scene)))).toEqual(new Set(['2025.2']));
  };

  test('going back is refused by the name of the blob while the new version serves', async () => {
    const here = await upgraded();
    await prune(here.scene);
    await refusal(here, memoryBlobs());
  });

  test('a blob that is another text than its name says counts as gone', async () => {
    const here = await upgraded();
    await prune(here.scene);
    await refusal(here, { ...here.blobs, read: async () => undefined });
  });

  test('an image that came from no registry is said to be gone, too', async () => {
    const here = await upgraded();
    await prune(here.scene);
    forgetImages(here.scene);
    for (const step of onlyRun(here.kept).plan.steps)
      if (step.kind === 'swap') Object.assign(step.old, { identity: step.old.imageId });
    const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
    await expect(app.rollback(ANN, onlyRun(here.kept).id)).rejects.toMatchObject({
      why: expect.stringContaining('and so is its image, which came from no registry'),
    });
  });
});

test('a configuration that cannot be kept ends the run before anything is stopped', async () => {
  const scene = withoutPorts(await cinderCloud({ services: ['cinder'] }));
  const blobs: Blobs = {
    ...memoryBlobs(),
    keep: () => Promise.reject(new Error('ENOSPC: no space left on device')),
  };
  const { app } = await bornOver(scene, memoryJournal(), { blobs });
  const run = await upgradeTo(app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect(run.rollback?.why).toContain(
    'could not be kept in the state folder (ENOSPC: no space left on device). Nothing was stopped.',
  );
  expect(new Set(Object.values(await running(scene)))).toEqual(new Set(['2025.1']));
  expect(scene.cloud.calls.filter(({ call }) => call === 'stop')).toEqual([]);
});

/** A cloud whose one kept container is gone, and its image with it. */
const ready = async (): Promise<World> => {
  const here = await upgraded();
  await prune(here.scene, ['cinder_api']);
  forgetImages(here.scene, ['cinder_api']);
  return here;
};

/** Mutating calls of a roll back until its first container, whose image has to be got anew, serves again. */
const countCalls = async (): Promise<number> => {
  const here = await ready();
  const before = here.scene.cloud.calls.length;
  const { app } = await bornOver(here.scene, here.kept, { blobs: here.blobs });
  await app.rollback(ANN, onlyRun(here.kept).id);
  await app.settled(onlyRun(here.kept).id);
  const made = here.scene.cloud.calls.slice(before).filter(({ took }) => took === 'effect');
  return made.findIndex(({ call }) => call === 'remove') + 1;
};
const calls = await countCalls();

describe('a roll back that makes containers anew and goes wrong once', () => {
  test('makes as many calls as these tests fail one by one', () => {
    expect(calls).toBeGreaterThan(6);
  });

  test.each(from(calls))('at call %i: the old version serves in the end', async (nth) => {
    for (const fault of ['lose-answer', 'refuse', 'hang'] satisfies Fault[]) {
      const here = await ready();
      const life = await bornOver(here.scene, here.kept, { blobs: here.blobs });
      const { id } = onlyRun(here.kept);
      here.scene.cloud.inject(once(nth, fault));
      await life.app.rollback(ANN, id);
      const run = await answer(life, id, 'rollback');
      expect([fault, run.phase]).toEqual([fault, 'rolled-back']);
      await expectOldVersion(here);
    }
  });

  test.each(from(calls))(
    'by its death at call %i: the next life brings the old version back',
    async (nth) => {
      for (const fault of ['crash-before', 'crash-after'] satisfies Fault[]) {
        const here = await ready();
        const first = await bornOver(here.scene, mortal(here.kept, here.scene), { blobs: here.blobs });
        const { id } = onlyRun(here.kept);
        here.scene.cloud.inject(once(nth, fault));
        await orDeath(first.app.rollback(ANN, id).then(() => first.app.settled(id)));
        here.scene.cloud.inject();
        here.scene.cloud.nextLife();
        const next = await bornOver(here.scene, here.kept, { blobs: here.blobs });
        const run = await answer(next, id, 'rollback');
        expect([fault, run.phase]).toEqual([fault, 'rolled-back']);
        await expectOldVersion(here);
      }
    },
  );
});
