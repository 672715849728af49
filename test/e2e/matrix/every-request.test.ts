import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealDocker, realDocker } from '../../engine/real-docker.js';
import { describeUnless } from '../../setup/left-out.js';
import { type Births, births } from './births.js';
import { type Course, courseOf, sweptFaults } from './faulty.js';
import { buildImages } from './images.js';
import { killsAt, killTrials, requestsOf } from './kills.js';
import { KINDS } from './spoiled.js';
import { type Ground, sceneOf, type Tally, tryAll } from './trials.js';

const found = await realDocker('matrix');
const missing = 'leftOut' in found ? found.leftOut : undefined;

const LANES = 4;
const SHAPE = 'host';

/** Printed for the proof; each number was counted. */
const row = (what: string, { tried, faults, lost }: Tally): void =>
  console.log(
    `real engine, ${SHAPE}: ${what}: ${tried} runs, ${faults} faults, ${tried - lost.length} survived, ${lost.length} lost`,
  );

const lostIn = ({ lost }: Tally): readonly string[] =>
  lost.map(({ title, problems }) => `${title}: ${problems.join('; ')}`);

describeUnless(missing, 'a keystone on a real engine', () => {
  const real = found as RealDocker;
  let born: Births;
  let ground: Ground;

  beforeAll(async () => {
    born = await births('test/e2e/matrix/mortal.ts', LANES);
    await buildImages(real);
    ground = { real, births: born, shape: SHAPE, lanes: LANES, say: console.log };
  });
  afterAll(async () => {
    await born?.close();
    await real.cleanUp();
  });

  test('ends wholly on one version when the bot is killed at any request', { timeout: 900_000 }, async () => {
    const scene = await sceneOf(ground);
    const forward = await requestsOf(scene, 'upgrade');
    const back = await requestsOf(scene, 'rollback');
    await scene.stand.close();
    const kills = [...killsAt('upgrade', forward), ...killsAt('rollback', back)];
    const tally = await tryAll(ground, killTrials(kills));
    row(`SIGKILL at all ${forward.length} requests of an upgrade and ${back.length} of a rollback`, tally);
    expect(lostIn(tally)).toEqual([]);
    expect(tally.tried).toBe(kills.length);
    // A busy machine judges health in a round more or less.
    expect(tally.faults).toBeGreaterThan(kills.length * 0.9);
  });

  test('ends wholly on one version when any change meets a bad connection or a sick engine', {
    timeout: 600_000,
  }, async () => {
    const scene = await sceneOf(ground);
    const courses: readonly Course[] = [await courseOf(scene, 'upgrade'), await courseOf(scene, 'rollback')];
    await scene.stand.close();
    const changes = courses.flatMap(({ points }) => points).length;
    const tally = await tryAll(ground, courses.flatMap(sweptFaults));
    row(`${KINDS.length} kinds of fault at all ${changes} changes of an upgrade and a rollback`, tally);
    expect(lostIn(tally)).toEqual([]);
    expect(tally.faults).toBe(changes * KINDS.length);
  });
});
