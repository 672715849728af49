import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type RealDocker, realDocker } from '../../engine/real-docker.js';
import { describeUnless } from '../../setup/left-out.js';
import { compile } from '../../store/compiled.js';
import { type Births, births } from './births.js';
import { type Course, courseOf, sweptFaults } from './faulty.js';
import { buildImages } from './images.js';
import { killsAt, killTrials, requestsOf } from './kills.js';
import { KINDS } from './spoiled.js';
import { END_WITHIN_MS, type Longest, termsAt, termTrials } from './terms.js';
import { type Ground, sceneOf, type Tally, tryAll } from './trials.js';

const found = await realDocker('matrix');
const missing = 'leftOut' in found ? found.leftOut : undefined;

const LANES = 4;
const SHAPE = 'host';
/** Of all SIGTERMs at all requests one in so many; all of them: npm run torture:engine. */
const TERMS_TRIED = 10;

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

  test('ends wholly on one version when src/main.ts is told to end in the middle, which takes no 10 s', {
    timeout: 300_000,
  }, async () => {
    const { program, remove } = compile('src/main.ts');
    onTestFinished(remove);
    const scene = await sceneOf(ground);
    const all = [
      ...termsAt('upgrade', await requestsOf(scene, 'upgrade')),
      ...termsAt('rollback', await requestsOf(scene, 'rollback')),
    ];
    await scene.stand.close();
    const terms = all.filter((_term, at) => at % TERMS_TRIED === 0);
    const longest: Longest = { ms: 0 };
    const tally = await tryAll(ground, termTrials(terms, { program, longest }));
    row(
      `SIGTERM at ${terms.length} of ${all.length} places, longest end ${Math.round(longest.ms)} ms`,
      tally,
    );
    expect(lostIn(tally)).toEqual([]);
    expect(tally.tried).toBe(terms.length);
    // A busy machine judges health in a round more or less.
    expect(tally.faults).toBeGreaterThan(terms.length * 0.9);
    expect(longest.ms).toBeLessThan(END_WITHIN_MS);
    expect(new Set(terms.map(({ answered }) => answered))).toEqual(new Set(['at once', 'never']));
  });
});
