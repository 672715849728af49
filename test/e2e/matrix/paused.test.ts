import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealDocker, realDocker } from '../../engine/real-docker.js';
import { describeUnless } from '../../setup/left-out.js';
import { type Births, births } from './births.js';
import { buildImages } from './images.js';
import { requestsOf } from './kills.js';
import { pauseTrials } from './pauses.js';
import type { Shape } from './shapes.js';
import { type Ground, sceneOf, tryAll } from './trials.js';

const found = await realDocker('paused');
const LANES = 2;

describeUnless('leftOut' in found ? found.leftOut : undefined, 'a bot that is stopped by SIGSTOP', () => {
  const real = found as RealDocker;
  let born: Births;

  beforeAll(async () => {
    born = await births('test/e2e/matrix/mortal.ts', LANES);
    await buildImages(real);
  });
  afterAll(async () => {
    await born?.close();
    await real.cleanUp();
  });

  const tried = async (shape: Shape, most: RegExp): Promise<void> => {
    const ground: Ground = { real, births: born, shape, lanes: LANES, say: console.log };
    const scene = await sceneOf(ground);
    const all = [
      ...pauseTrials('upgrade', await requestsOf(scene, 'upgrade')),
      ...pauseTrials('rollback', await requestsOf(scene, 'rollback')),
    ];
    await scene.stand.close();
    const trials = all.filter(({ title }) => most.test(title));
    const { faults, lost } = await tryAll(ground, trials);
    console.log(
      `real engine, ${shape}: SIGSTOP at ${trials.length} of ${all.length} changes of an upgrade and a rollback: ${faults} struck, ${lost.length} lost`,
    );
    expect(lost.map(({ title, problems }) => `${title}: ${problems.join('; ')}`)).toEqual([]);
    expect(faults).toBe(trials.length);
    expect(faults).toBeGreaterThan(4);
  };

  test(
    'keeps its folder; wakes up beside what another bot did with it, asks for no change, and ends',
    {
      timeout: 580_000,
    },
    () => tried('host', /./),
  );

  test('joins no further network when it is woken up over a create', { timeout: 580_000 }, () =>
    tried('networks', /create|connect/),
  );
});
