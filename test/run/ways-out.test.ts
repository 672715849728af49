import { expect, test } from 'vitest';
import { type Engine, EngineError } from '../../src/engine/port.js';
import { virtualClock } from '../../src/sim/clock.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, freshScene, running, upgradeTo, withoutPorts } from './scene.js';

const OLD = { cinder_scheduler: '2025.1', cinder_volume: '2025.1', cinder_api: '2025.1' };
const names = async (engine: Engine) => (await engine.list()).map(({ name }) => name);

test('Finalize that failed at a migration runs it anew when it is pressed again', async () => {
  const { scene, journal, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  const engine = scene.cloud.engine('node1');
  let ends = 0;
  const failsOnce: Engine = {
    ...engine,
    wait: async (container, ms) => {
      const exitCode = await engine.wait(container, ms);
      ends += 1;
      return ends === 1 ? 1 : exitCode;
    },
  };
  const { app } = await bornOver({ ...scene, engines: () => new Map([['node1', failsOnce]]) }, journal);
  await app.finalize(BOB, id);
  expect((await app.settled(id)).phase).toBe('finalize-failed');
  await app.finalize(BOB, id);
  const run = await app.settled(id);
  expect([run.phase, run.why, ends]).toEqual(['finalized', undefined, 2]);
});

test('Finalize removes no kept container while the new one does not run', async () => {
  const { scene, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2', 'placement', { backup: 'dump of 12:00' });
  const engine = scene.cloud.operator('node1');
  const fresh = (await engine.inspect('placement_api'))?.Id ?? '';
  await engine.stop(fresh, 1);
  await life.app.finalize(BOB, id);
  const failed = await life.app.settled(id);
  expect([failed.phase, failed.why]).toEqual([
    'finalize-failed',
    'The new version does not serve: placement_api on node1 is exited. Nothing was done.',
  ]);
  expect(await names(engine)).toContain(`placement_api__prev_${id}`);
  await engine.start(fresh);
  await life.app.finalize(BOB, id);
  expect((await life.app.settled(id)).phase).toBe('finalized');
});

test('a one-off container that cannot be removed or read after its migration is noted and rolls nothing back', async () => {
  const { scene, life } = await freshScene();
  scene.cloud.inject(({ call, name }) =>
    ['remove', 'logs'].includes(call) && name?.startsWith('bootstrap_') ? 'refuse' : 'ok',
  );
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('upgraded');
  expect(run.notes.map(({ text }) => text).join()).toMatch(
    /^bootstrap_cinder_expand__\w+ could not be removed/,
  );
  const [status] = await life.app.status(ANN, 'cinder');
  expect(status?.findings.map(({ text }) => text)).toContain(
    `bootstrap_cinder_expand__${run.id} of an earlier run is still on node1.`,
  );
});

test('going back ends well although the new containers cannot be removed or their logs read', async () => {
  const { scene, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  scene.cloud.inject(({ call }) => (call === 'remove' || call === 'logs' ? 'refuse' : 'ok'));
  await life.app.rollback(ANN, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('rolled-back');
  expect(await running(scene)).toMatchObject(OLD);
  expect(run.notes).toHaveLength(3);
});

test('a roll back that is clicked while the last look is taken is obeyed', async () => {
  const { scene, life } = await freshScene();
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  let click: Promise<unknown> | undefined;
  life.app.subscribe(() => {
    if (life.app.run(id).compared.length === 2) click ??= life.app.rollback(ANN, id);
  });
  await life.app.approve(BOB, id);
  await life.app.settled(id);
  await click;
  expect((await life.app.settled(id)).phase).toBe('rolled-back');
  expect(await running(scene)).toMatchObject(OLD);
});

test('a new container whose second network was not joined is made anew and never swapped in', async () => {
  const scene = withoutPorts(await cinderCloud());
  const operator = scene.cloud.operator('node1');
  for (const [network, subnet] of [
    ['front', '10.1.0'],
    ['back', '10.2.0'],
  ] as const)
    scene.cloud.host('node1').networks.set(network, { id: network.padEnd(64, '0'), subnet });
  const old = await operator.inspect('cinder_scheduler');
  await operator.stop(old?.Id ?? '', 1);
  await operator.remove(old?.Id ?? '');
  const body = { ...old?.Config, HostConfig: { ...old?.HostConfig, NetworkMode: 'front' } };
  const spec = { body, connect: [{ network: 'back', endpoint: { Aliases: ['scheduler'] } }] };
  await operator.start(await operator.create('cinder_scheduler', spec));
  const engine = scene.cloud.engine('node1');
  let cut = false;
  const cutOnce: Engine = {
    ...engine,
    create: async (name, wanted) => {
      if (cut || !name.includes('__swap_')) return engine.create(name, wanted);
      cut = true;
      await engine.create(name, { ...wanted, connect: [] });
      throw new EngineError('node1', 'connect', 'cut (the container was created)', true);
    },
  };
  const engines = () => new Map([['node1', cutOnce]]);
  const { app } = await bornOver({ ...scene, engines }, memoryJournal());
  const run = await upgradeTo(app, '2025.2');
  expect([cut, run.phase]).toEqual([true, 'upgraded']);
  const fresh = await operator.inspect('cinder_scheduler');
  expect(Object.keys(fresh?.NetworkSettings.Networks ?? {})).toEqual(
    expect.arrayContaining(['back', 'front']),
  );
  expect(run.compared.flatMap(({ differences }) => differences)).toEqual([]);
});

test('a host that died keeps no other host on the new version, and its own containers wait for it', async () => {
  const { scene, life } = await freshScene({ hosts: 2, clock: virtualClock() });
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  let dead = false;
  scene.cloud.inject(({ host }) => (dead && host === 'node2' ? 'hang' : 'ok'));
  const stop = life.app.subscribe(() => {
    dead = life.app.run(id).steps.at(-1)?.lastCall?.startsWith('stop ') === true;
    if (dead) stop();
  });
  await life.app.approve(BOB, id);
  const stuck = await life.app.settled(id);
  expect(stuck.phase).toBe('stuck');
  expect(await running(scene, 'node1')).toMatchObject(OLD);
  expect(stuck.commands?.filter((line) => line.startsWith('#'))).toEqual(Array(3).fill('# on node2:'));
  scene.cloud.inject();
  await life.app.resume(BOB, id);
  expect((await life.app.settled(id)).phase).toBe('rolled-back');
  expect(await running(scene, 'node2')).toMatchObject(OLD);
});
