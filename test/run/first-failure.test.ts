import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, bornOver, cinderCloud, freshScene, running, upgradeTo, withoutPorts } from './scene.js';

const OLD = { cinder_scheduler: '2025.1', cinder_volume: '2025.1', cinder_api: '2025.1' };

test('the first failure on one host keeps the run from every host that comes after it', async () => {
  const { scene, life } = await freshScene({ hosts: 3 });
  const plan = await life.app.plan(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  const swaps = plan.steps.flatMap((step) => (step.kind === 'swap' ? [step.old] : []));
  const [first] = swaps;
  const name = first?.name ?? '';
  const later = swaps
    .filter((old) => old.name === name)
    .map(({ host }) => host)
    .slice(1);
  expect(later).toHaveLength(2);
  const old = new Set(swaps.map(({ id }) => id));
  scene.cloud.inject((site) =>
    site.call === 'start' && site.host === first?.host && site.name === name && !old.has(site.id ?? '')
      ? 'refuse'
      : 'ok',
  );
  const before = scene.cloud.calls.length;
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  const touched = scene.cloud.calls
    .slice(before)
    .filter(({ mutating, host }) => mutating && later.includes(host))
    .map(({ call, host, name: what }) => `${call} ${what} on ${host}`);
  expect(touched).toEqual([]);
  for (const host of ['node1', 'node2', 'node3']) expect(await running(scene, host)).toMatchObject(OLD);
});

test('nothing is started beside an old one that does not stop although the engine says so: that is told, and it serves on', async () => {
  const scene = withoutPorts(await cinderCloud());
  const watch = watchInvariants(scene.cloud);
  const operator = scene.cloud.operator('node1');
  const deaf = (await operator.inspect('cinder_volume'))?.Id ?? '';
  let asked = 0;
  const unstoppable = (engine: Engine): Engine => ({
    ...engine,
    stop: async (id, graceSeconds) => {
      if (id !== deaf) return engine.stop(id, graceSeconds);
      asked += 1;
    },
  });
  const engines = () => new Map([...scene.engines()].map(([name, engine]) => [name, unstoppable(engine)]));
  const { app } = await bornOver({ ...scene, engines }, memoryJournal());
  const run = await upgradeTo(app, '2025.2');
  expect([run.phase, asked > 0]).toEqual(['rolled-back', true]);
  expect(run.rollback?.why).toContain('cinder_volume on node1');
  expect(run.rollback?.why).toContain('did not end, or was started again. The new one was not started.');
  const started = (await app.eventsOf(run.id)).flatMap(({ event }) =>
    event.kind === 'call' && event.op === 'start' ? [event.target] : [],
  );
  expect(started).not.toContain('new cinder_volume');
  expect(watch.violations).toEqual([]);
  expect(await running(scene)).toMatchObject(OLD);
  const now = await operator.inspect('cinder_volume');
  expect([now?.Id, now?.RestartCount]).toEqual([deaf, 0]);
});
