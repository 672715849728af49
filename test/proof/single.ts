import type { Course } from './course/course.js';
import { play } from './course/course.js';
import { AT_APPENDS, AT_CALLS, AT_LOOKS, isAsked } from './course/ills.js';
import { listed, peopleIn, type Stage, titleOf } from './course/listing.js';
import { STRATEGIES } from './course/strategies.js';
import type { GoesOn } from './suite.js';

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

/** Each thing that can go wrong at each look of a run in which nothing did. */
const looksOf = async (stage: Stage): Promise<readonly Course[]> => {
  const { effects } = await play({ ...stage, mishaps: [], looks: true });
  return effects.flatMap(({ kind }, at) =>
    kind === 'look' ? AT_LOOKS.map((ill) => ({ ...stage, mishaps: [{ at, ill }], looks: true })) : [],
  );
};

/** Every part of every strategy, by every kind of person. */
export const STAGES: readonly Stage[] = STRATEGIES.flatMap((strategy) =>
  strategy.parts.flatMap((part) => peopleIn(part).map((person) => ({ strategy, part, person }))),
);

const listOf =
  (list: (stage: Stage) => Promise<readonly Course[]>, stages: readonly Stage[]) =>
  async (goesOn?: GoesOn): Promise<readonly Course[]> => {
    const lists = [];
    for (const stage of stages) {
      goesOn?.(titleOf({ ...stage, mishaps: [] }));
      lists.push(await list(stage));
    }
    return lists.flat();
  };

export const single = listed(
  { name: 'single', what: 'one fault at each boundary of each strategy' },
  listOf(singlesOf, STAGES),
);

export const looks = listed(
  {
    name: 'looks',
    what: 'one look at a host lost, late or answered by nobody for minutes, in each strategy',
  },
  listOf(
    looksOf,
    STAGES.filter(({ part, person }) => person === peopleIn(part)[0]),
  ),
);
