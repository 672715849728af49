import { expect, test } from 'vitest';
import { learningEngine } from '../../src/app/learning-engine.js';
import { tarOf } from '../../src/kolla/tar.js';
import { MASK, type Redactor, redactor } from '../../src/redact.js';
import { virtualClock } from '../../src/sim/clock.js';
import { configTree } from '../kolla/trees.js';
import { cinderCloud } from '../run/scene.js';

const FIRST = 'Xq7vTz4LmW9rKp2s';
const SECOND = 'Bn3yHd8GcV5jRf6u';

const archiveWith = (password: string): Promise<Buffer> =>
  tarOf(configTree({ 'cinder.conf': `[database]\nadmin_password = ${password}\n` }), { below: 'cinder/' });

/** A redactor whose lessons are kept: what it was taught, each time that it was. */
const pupil = () => {
  const made = redactor();
  const lessons: string[][] = [];
  const learn: Redactor['learn'] = (secrets) => {
    const all = [...secrets];
    lessons.push(all.map(String));
    made.learn(all);
  };
  return { redactor: { ...made, learn }, lessons };
};

/** An engine of which the archives are given one after the other, the last one for ever. */
const engineWith = async (...archives: readonly Buffer[]) => {
  const engine = (await cinderCloud({ clock: virtualClock() })).engines().get('node1');
  if (!engine) throw new Error('node1 is not there');
  const left = [...archives];
  return { ...engine, readArchive: async () => (left.length > 1 ? left.shift() : left[0]) };
};

test('an archive that has changed teaches its new secret, and the old one stays known', async () => {
  const [first, second] = [await archiveWith(FIRST), await archiveWith(SECOND)];
  const { redactor: known, lessons } = pupil();
  const engine = learningEngine(await engineWith(first, second), known);

  expect(await engine.readArchive('c', '/etc/cinder')).toBe(first);
  expect(known.redact(`${FIRST} ${SECOND}`)).toBe(`${MASK} ${SECOND}`);

  expect(await engine.readArchive('c', '/etc/cinder')).toBe(second);
  expect(lessons.map((all) => all.includes(SECOND))).toEqual([false, true]);
  expect(known.redact(`${FIRST} ${SECOND}`)).toBe(`${MASK} ${MASK}`);
});

test('an archive of the same bytes is read for secrets once, whichever engine gives it', async () => {
  const archive = await archiveWith(FIRST);
  const { redactor: known, lessons } = pupil();
  const [one, other] = [await engineWith(archive), await engineWith(Buffer.from(archive))];
  for (const engine of [one, other, one].map((each) => learningEngine(each, known)))
    for (const container of ['c', 'd'])
      expect(await engine.readArchive(container, '/etc/cinder')).toEqual(archive);
  expect(lessons).toHaveLength(1);
  expect(lessons[0]).toContain(FIRST);
});

test('what one redactor knows is taught to another one all the same', async () => {
  const archive = await archiveWith(FIRST);
  for (const { redactor: known, lessons } of [pupil(), pupil()]) {
    await learningEngine(await engineWith(archive), known).readArchive('c', '/etc/cinder');
    expect(lessons).toHaveLength(1);
    expect(known.redact(FIRST)).toBe(MASK);
  }
});

test('an archive that is no configuration folder is given on, and teaches nothing', async () => {
  const { redactor: known, lessons } = pupil();
  const broken = Buffer.from(`admin_password = ${FIRST}`);
  const engine = learningEngine(await engineWith(broken), known);
  expect(await engine.readArchive('c', '/etc/cinder')).toBe(broken);
  expect(lessons.flat()).toEqual([]);
});
