import type { Part } from '../../run/mishaps.js';
import type { GoesOn, Suite } from '../suite.js';
import { type Course, play } from './course.js';
import type { Person } from './person.js';
import type { Strategy } from './strategies.js';

/** A part of a strategy, by one kind of person: what a list of faults is made for. */
export type Stage = { readonly strategy: Strategy; readonly part: Part; readonly person: Person };

/** Going back, both kinds of people do the same. */
export const peopleIn = (part: Part): readonly Person[] =>
  part === 'back' ? ['rollback'] : ['resume', 'rollback'];

export const titleOf = ({ strategy, part, person, mishaps }: Course): string =>
  `${strategy.name}, ${part}, the person answers ${person}: ${
    mishaps.length === 0
      ? 'nothing goes wrong'
      : mishaps.map(({ at, ill }) => `${ill} at effect ${at}`).join(', ')
  }`;

/** What a suite does with the course of each of its numbers. */
export const playing = (
  count: Suite['count'],
  courseOf: (number: number) => Promise<Course>,
): Pick<Suite, 'count' | 'play' | 'tell'> => ({
  count,
  play: async (number) => {
    const { why, end } = await play(await courseOf(number));
    return { why, end };
  },
  tell: async (number) => {
    const course = await courseOf(number);
    const { told, end } = await play(course);
    return [titleOf(course), ...told, `end: ${end}`];
  },
});

/** A suite out of a list that is made once, at first need. */
export const listed = (
  about: Pick<Suite, 'name' | 'what'>,
  make: (goesOn?: GoesOn) => Promise<readonly Course[]>,
): Suite => {
  let made: Promise<readonly Course[]> | undefined;
  const all = (goesOn?: GoesOn): Promise<readonly Course[]> => {
    made ??= make(goesOn);
    return made;
  };
  const courseOf = async (number: number): Promise<Course> => {
    const course = (await all())[number];
    if (!course) throw new Error(`${about.name} has no case ${number}`);
    return course;
  };
  return { ...about, ...playing(async (goesOn) => (await all(goesOn)).length, courseOf) };
};
