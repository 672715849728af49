import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import type { KollaScene } from '../sim/kolla.js';
import { ANN, freshScene, upgradeTo } from './scene.js';
import { rebuiltOnTwoHosts } from './two-hosts.js';

/** What a person at the first host does once the last container of the second one is being swapped. */
const whileTheLastIsSwapped = async (act: (scene: KollaScene) => Promise<void>) => {
  const { scene, life } = await rebuiltOnTwoHosts({
    interval: '1ms',
    successes: 1,
    minimum: '0ms',
    deadline: '50ms',
  });
  let acted = false;
  scene.cloud.onCall(async ({ call, host, name }) => {
    if (acted || host !== 'node2' || call !== 'start' || name !== 'placement_api') return;
    acted = true;
    await act(scene);
  });
  return { scene, life };
};

const upgradeBuild = async ({ scene, life }: Awaited<ReturnType<typeof whileTheLastIsSwapped>>) => {
  const { id } = await life.app.upgrade(ANN, { service: 'placement', overrides: {} });
  await life.app.approve({ id: 'U0BOB', name: 'Bob', door: 'slack' }, id);
  return { scene, life, run: await life.app.settled(id) };
};

describe('a container that was swapped well, and that somebody else took away before the run was at its end', () => {
  test('it was renamed by hand: people are asked, and a resume goes on once it bears its name again', async () => {
    const made = await whileTheLastIsSwapped(({ cloud }) =>
      cloud.operator('node1').rename('placement_api', 'placement_by_hand'),
    );
    const { scene, life, run } = await upgradeBuild(made);
    expect([run.phase, run.asked?.why, run.asked?.choices]).toEqual([
      'paused',
      'Every container was swapped and healthy, and by now not all of them serve: there is no new placement_api on node1.',
      ['resume', 'rollback'],
    ]);
    await scene.cloud.operator('node1').rename('placement_by_hand', 'placement_api');
    await life.app.resume(ANN, run.id);
    expect((await life.app.settled(run.id)).phase).toBe('upgraded');
  });

  test('it was stopped by hand: people are asked', async () => {
    const made = await whileTheLastIsSwapped(({ cloud }) => cloud.operator('node1').stop('placement_api', 1));
    const { run } = await upgradeBuild(made);
    expect([run.phase, run.asked?.why]).toEqual([
      'paused',
      'Every container was swapped and healthy, and by now not all of them serve: placement_api on node1 is exited.',
    ]);
  });
});

test('a host that falls silent in the middle of a plan is named in a refusal, and is not called a bug', async () => {
  const { scene, life } = await freshScene();
  scene.cloud.inject(({ call }) => (call === 'image' ? 'hang' : 'ok'));
  const asked = life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await expect(asked).rejects.toBeInstanceOf(Refusal);
  await expect(asked).rejects.toMatchObject({ code: 'engine-unreachable' });
  scene.cloud.inject();
  expect((await upgradeTo(life.app, '2025.2')).phase).toBe('upgraded');
});

test('a roll back says of an old container that was never swapped that somebody took its name away', async () => {
  const { scene, life } = await freshScene();
  scene.cloud.inject(async ({ call, name }) => {
    if (call !== 'stop' || name !== 'cinder_scheduler') return 'ok';
    await scene.cloud.operator('node1').rename('cinder_api', 'cinder_by_hand');
    return 'refuse';
  });
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect(run.compared.find(({ name }) => name === 'cinder_api')?.differences).toEqual([
    'the old container does not bear the name any more',
  ]);
});
