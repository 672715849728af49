import { messageOf } from '../../src/errors.js';
import { type Course, play } from './course/course.js';
import { type Stage, titleOf } from './course/listing.js';
import { STAGES, singlesOf } from './single.js';
import type { GoesOn } from './suite.js';
import { ENTRIES } from './suites.js';

/** Singles of each stage in the first round, in the second, …; a mutant that is seen at once is seen in the first. */
const ROUNDS = [2, 8, 30] as const;
const SOONEST = [4, 60] as const;

/** How many cases of each other suite are tried before a mutant is said to live. */
const MOST: Readonly<Record<string, number>> = { pairs: 1_000, whole: 150 };

/** Each far from the one before it, so that the first few come from all over. */
const scattered = (nth: number, count: number): number =>
  Math.floor(((nth * 0.6180339887498949) % 1) * count);

const lossIn = async (course: Course): Promise<string | undefined> => {
  const [why] = (await play(course)).why;
  return why === undefined ? undefined : `${titleOf(course)}: ${why}`;
};

/** A few faults in every stage, then more in every stage: a loss shows long before all of them are listed. */
const amongSingles = async (
  goesOn: GoesOn,
  { stages, rounds }: { readonly stages: readonly Stage[]; readonly rounds: readonly number[] },
): Promise<string | undefined> => {
  const lists = new Map<number, readonly Course[]>();
  let done = 0;
  for (const most of rounds) {
    for (const [at, stage] of stages.entries()) {
      goesOn(titleOf({ ...stage, mishaps: [] }));
      const list = lists.get(at) ?? (await singlesOf(stage));
      lists.set(at, list);
      for (let nth = done; nth < done + most; nth += 1) {
        const course = list[scattered(nth + 1, list.length)];
        if (!course) continue;
        goesOn(titleOf(course));
        const loss = await lossIn(course);
        if (loss !== undefined) return loss;
      }
    }
    done += most;
  }
  return undefined;
};

const amongOthers = async (goesOn: GoesOn): Promise<string | undefined> => {
  for (const { suite } of ENTRIES) {
    const most = MOST[suite.name] ?? 0;
    const count = most === 0 ? 0 : await suite.count(goesOn);
    for (let nth = 0; nth < most; nth += 1) {
      const number = Number.isFinite(count) ? scattered(nth, count) : nth;
      goesOn(`case ${number} of ${suite.name}`);
      const { why } = await suite.play(number);
      if (why.length > 0) return `case ${number} of ${suite.name}: ${why[0]}`;
    }
  }
  return undefined;
};

/**
 * The first case that is lost, and why, in words; `undefined` when all survive. `goesOn` is called before each. Those of
 * `strategy` are tried first: that saves time, and finds nothing that would not be found without it.
 */
export const firstLoss = async (goesOn: GoesOn, strategy?: string): Promise<string | undefined> => {
  const soonest = STAGES.filter((stage) => stage.strategy.name === strategy);
  try {
    return (
      (await amongSingles(goesOn, { stages: soonest, rounds: SOONEST })) ??
      (await amongSingles(goesOn, { stages: STAGES, rounds: ROUNDS })) ??
      (await amongOthers(goesOn))
    );
  } catch (error) {
    return messageOf(error);
  }
};
