import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import { inspectAll } from '../../src/plan/observe.js';
import { ANN, freshScene } from '../run/scene.js';

test('a plan that crosses a release without the API container is blocked: its migrations have nowhere to run', async () => {
  const { scene, life } = await freshScene();
  const engine = scene.cloud.operator('node1');
  const api = (await engine.inspect('cinder_api'))?.Id ?? '';
  await engine.stop(api, 1);
  await engine.remove(api);
  const plan = await life.app.plan(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  expect(plan.findings.map(({ code, level }) => `${level} ${code}`)).toEqual(['block no-api']);
});

test('a registry that does not answer is not told as "no newer build"', async () => {
  const { scene, life } = await freshScene();
  scene.cloud.inject(({ call }) => (call === 'resolve' ? 'refuse' : 'ok'));
  await expect(life.app.plan(ANN, { service: 'cinder', overrides: {} })).rejects.toMatchObject({
    code: 'nothing-to-do',
    why: expect.stringContaining('whether there is a newer build is unknown'),
  });
});

test('a container whose newer build cannot be asked for is named where the others are upgraded', async () => {
  const { scene, life } = await freshScene();
  scene.rebuild('2025.1', 'newer');
  scene.cloud.inject(({ call, target }) =>
    call === 'resolve' && target.includes('cinder-volume') ? 'refuse' : 'ok',
  );
  const plan = await life.app.plan(ANN, { service: 'cinder', overrides: {} });
  expect(plan.steps.flatMap((step) => (step.kind === 'swap' ? [step.old.name] : []))).toEqual([
    'cinder_scheduler',
    'cinder_api',
  ]);
  expect(plan.findings.map(({ code, level }) => `${level} ${code}`)).toContain('warn registry-silent');
});

test('a host of many containers is looked at a few at a time', async () => {
  const { scene } = await freshScene();
  const engine = scene.cloud.operator('node1');
  let [flying, most] = [0, 0];
  const counted: Engine = {
    ...engine,
    list: async () => (await Promise.all(Array.from({ length: 30 }, () => engine.list()))).flat(),
    inspect: async (id) => {
      flying += 1;
      most = Math.max(most, flying);
      await new Promise((resolve) => setTimeout(resolve, 1));
      flying -= 1;
      return engine.inspect(id);
    },
  };
  expect(await inspectAll(counted)).toHaveLength(120);
  expect(most).toBe(4);
});
