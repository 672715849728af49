import type { Course } from './course/course.js';
import { play } from './course/course.js';
import { AT_APPENDS, AT_CALLS, isAsked } from './course/ills.js';
import { listed, peopleIn, type Stage, titleOf } from './course/listing.js';
import { STRATEGIES } from './course/strategies.js';

/** Nothing goes wrong, then each thing that can, at each boundary of a run in which nothing did. */
export const singlesOf = async (stage: Stage): Promise<readonly Course[]> => {
  const [firstPerson] = peopleIn(stage.part);
  const { effects, why } = await play({ ...stage, mishaps: [] });
  if (why.length > 0)
    throw new Error(`without a fault, ${stage.strategy.name} ${stage.part}: ${why.join('; ')}`);
  return [
    { ...stage, mishaps: [] },
    ...effects.flatMap(({ kind }, at) =>
      (kind === 'call' ? AT_CALLS : AT_APPENDS)
        .filter((ill) => isAsked(ill) || stage.person === firstPerson)
        .map((ill) => ({ ...stage, mishaps: [{ at, ill }] })),
    ),
    { ...stage, mishaps: [{ at: effects.length - 1, ill: 'dies-after' }] },
  ];
};

/** Every part of every strategy, by every kind of person. */
export const STAGES: readonly Stage[] = STRATEGIES.flatMap((strategy) =>
  strategy.parts.flatMap((part) => peopleIn(part).map((person) => ({ strategy, part, person }))),
);

export const single = listed(
  { name: 'single', what: 'one fault at each boundary of each strategy' },
  async (goesOn) => {
    const lists = [];
    for (const stage of STAGES) {
      goesOn?.(titleOf({ ...stage, mishaps: [] }));
      lists.push(await singlesOf(stage));
    }
    return lists.flat();
  },
);
