import { type Random, randomFrom } from '../../src/sim/random.js';
import { type Course, play } from './course/course.js';
import { ILLS } from './course/ills.js';
import { playing, type Stage } from './course/listing.js';
import { STAGES } from './single.js';
import type { Suite } from './suite.js';

/** How many effects, looks among them, a run of the stage has in which nothing goes wrong. */
const lengths = new Map<Stage, Promise<number>>();
const lengthOf = (stage: Stage): Promise<number> => {
  const known =
    lengths.get(stage) ?? play({ ...stage, mishaps: [], looks: true }).then((run) => run.effects.length);
  lengths.set(stage, known);
  return known;
};

/** What cannot go wrong at such an effect does nothing there. */
const drawn = async (random: Random): Promise<Course> => {
  const stage = random.pick(STAGES);
  const length = await lengthOf(stage);
  const at = random.int(length);
  const mishaps = [
    { at, ill: random.pick(ILLS) },
    { at: at + 1 + random.int(length - at + 10), ill: random.pick(ILLS) },
  ];
  return { ...stage, mishaps, looks: true };
};

/** Pairs of whatever can go wrong, in whatever strategy, looks among them: too many to list. */
export const anyPairs: Suite = {
  name: 'any-pairs',
  what: 'pairs of every kind drawn from a seed, in every strategy, at changes, appends and looks',
  ...playing(
    async () => Number.POSITIVE_INFINITY,
    (seed) => drawn(randomFrom(seed, 'any pairs')),
  ),
};
