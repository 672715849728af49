import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import type { Journal } from '../../src/run/journal.js';
import { memoryJournal } from '../../src/store/memory.js';
import { balancedScene, drainedNow } from '../run/balanced.js';
import { mortal, onlyRun, orDeath } from '../run/mishaps.js';
import { ANN, BOB, bornOver } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';

/** A cloud and a journal whose bot died after it had drained node1's servers, before anything was stopped. */
const diedDrained = async () => {
  const scene = await balancedScene();
  const kept = memoryJournal();
  const first = await bornOver(scene, mortal(kept, scene));
  scene.cloud.inject(({ call }) => (call === 'stop' ? 'crash-before' : 'ok'));
  const { id } = await first.app.upgrade(ANN, { service: 'placement', overrides: {} });
  await orDeath(first.app.approve(BOB, id).then(() => first.app.settled(id)));
  scene.cloud.inject();
  scene.cloud.nextLife();
  expect(await drainedNow(scene)).toHaveLength(4);
  return { scene, kept, id };
};

/** Engines that answer nothing that is asked inside a container before the gate is opened. */
const gated = (scene: KollaScene) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = (engine: Engine): Engine => ({
    ...engine,
    exec: async (...asked) => {
      await gate;
      return engine.exec(...asked);
    },
  });
  const engines = () => new Map([...scene.engines()].map(([name, engine]) => [name, held(engine)]));
  return { scene: { ...scene, engines }, open };
};

test('a bot is up and answers before the load balancers of a dead process’s run do, and does nothing else about that run until then', async () => {
  const { scene, kept, id } = await diedDrained();
  const { scene: waiting, open } = gated(scene);
  const { app } = await bornOver(waiting, kept);
  expect((await app.history(ANN)).map(({ phase }) => phase)).toEqual(['interrupted']);
  await app.resume(ANN, id);
  const before = scene.cloud.calls.length;
  expect(app.run(id).phase).toBe('running');
  open();
  expect((await app.settled(id)).phase).toBe('upgraded');
  const orders = scene.cloud.calls.slice(before).filter(({ mutating }) => mutating);
  expect(orders[0]).toMatchObject({ call: 'exec', detail: expect.stringContaining('state ready') });
  expect(await drainedNow(scene)).toEqual([]);
});

test('servers that nobody drained for are put to ready behind the start', async () => {
  const { scene, kept, id } = await diedDrained();
  const { app } = await bornOver(scene, kept);
  expect([(await app.settled(id)).phase, await drainedNow(scene)]).toEqual(['interrupted', []]);
});

test('a journal that does not take what happened at the load balancers does not end the start', async () => {
  const { scene, kept, id } = await diedDrained();
  const refusing: Journal = {
    ...kept,
    append: (run, event) =>
      event.kind === 'noted' ? Promise.reject(new Error('no space left on device')) : kept.append(run, event),
  };
  const { app } = await bornOver(scene, refusing);
  expect((await app.settled(id)).phase).toBe('interrupted');
  expect(onlyRun(kept).phase).toBe('interrupted');
  await app.resume(ANN, id);
  expect((await app.settled(id)).phase).toBe('upgraded');
});
