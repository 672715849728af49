import { expect, test } from 'vitest';
import { ANN, BOB, freshScene, upgradeTo } from './scene.js';

test('one lost answer about somebody else does not stop a run', async () => {
  const { scene, life } = await freshScene();
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  let lost = 0;
  scene.cloud.inject(({ call, name }) => {
    const now = call === 'inspect' && name === 'placement_api' && life.app.run(id).phase === 'running';
    lost += now ? 1 : 0;
    return now && lost % 2 === 1 ? 'hang' : 'ok';
  });
  await life.app.approve(BOB, id);
  expect((await life.app.settled(id)).phase).toBe('upgraded');
  expect(lost).toBeGreaterThan(2);
});

test('a host of others that falls silent is asked about once, and a resume goes on to the end', async () => {
  const { scene, life } = await freshScene({ hosts: 2 });
  const other = scene.cloud.operator('node2');
  for (const { id, name } of await other.list())
    if (name.startsWith('cinder')) {
      await other.stop(id, 1);
      await other.remove(id);
    }
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  scene.cloud.inject(({ host }) =>
    host === 'node2' && life.app.run(id).steps[1]?.status === 'done' ? 'hang' : 'ok',
  );
  await life.app.approve(BOB, id);
  const asked = await life.app.settled(id);
  expect(asked.asked?.why).toMatch(/^While cinder was upgraded, this failed: node2 as a whole \(.*\)\.$/);
  await life.app.resume(BOB, id);
  const run = await life.app.settled(id);
  expect([run.phase, run.bystanders?.changed]).toEqual(['upgraded', []]);
});

test('a run does not begin while a host cannot be looked at', async () => {
  const { scene, life } = await freshScene();
  let planned = false;
  scene.cloud.inject(({ call }) => (planned && call === 'list' ? 'hang' : 'ok'));
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  life.app.subscribe(() => {
    planned = life.app.run(id).phase === 'running';
  });
  await life.app.approve(BOB, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('failed');
  expect(run.why).toMatch(/^node1 cannot be looked at before the upgrade/);
  scene.cloud.inject();
  expect((await upgradeTo(life.app, '2025.2')).phase).toBe('upgraded');
});
