import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Births, births } from '../e2e/matrix/births.js';
import { courseOf, sweptFaults } from '../e2e/matrix/faulty.js';
import { buildImages } from '../e2e/matrix/images.js';
import { killsAt, killTrials, requestsOf } from '../e2e/matrix/kills.js';
import { type Ground, sceneOf, tryAll } from '../e2e/matrix/trials.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';

const found = await realDocker('matrix');
const missing = 'leftOut' in found ? found.leftOut : undefined;

const LANES = 2;
/** Of all deaths at all requests one in so many. */
const KILLS_TRIED = 8;

/** The machine's own engine gets all of it (test/e2e/matrix); here a part shows that a newer one is no different. */
describeUnless(missing, 'a keystone with three networks on a newer engine', () => {
  const real = found as RealDocker;
  let born: Births;
  let ground: Ground;

  beforeAll(async () => {
    born = await births('test/e2e/matrix/mortal.ts', LANES);
    await buildImages(real);
    ground = { real, births: born, shape: 'networks', lanes: LANES, say: () => undefined };
  });
  afterAll(async () => {
    await born?.close();
    await real.cleanUp();
  });

  test('ends wholly on one version when changes meet a sick engine, or the bot is killed', {
    timeout: 600_000,
  }, async () => {
    const scene = await sceneOf(ground);
    const courses = [await courseOf(scene, 'upgrade'), await courseOf(scene, 'rollback')];
    const kills = [
      ...killsAt('upgrade', await requestsOf(scene, 'upgrade')),
      ...killsAt('rollback', await requestsOf(scene, 'rollback')),
    ].filter((_kill, at) => at % KILLS_TRIED === 0);
    await scene.stand.close();
    const sick = await tryAll(ground, courses.flatMap(sweptFaults));
    const killed = await tryAll(ground, killTrials(kills));
    for (const [what, { tried, faults, lost }] of Object.entries({ sick, killed }))
      console.log(
        `a newer engine, three networks, ${what}: ${tried} runs, ${faults} faults, ${lost.length} lost`,
      );
    expect(
      [...sick.lost, ...killed.lost].map(({ title, problems }) => `${title}: ${problems.join('; ')}`),
    ).toEqual([]);
    expect(Math.min(sick.faults, killed.faults)).toBeGreaterThan(10);
  });
});
