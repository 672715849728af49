import { type Course, play } from './course/course.js';
import type { Ill } from './course/ills.js';
import type { Effect, Mishap } from './course/line.js';
import { peopleIn, playing, type Stage, titleOf } from './course/listing.js';
import { STRATEGIES, type Strategy } from './course/strategies.js';
import type { GoesOn, Suite } from './suite.js';

/** A death right after a call is the death right before the append that follows it. */
const AT_CALLS: readonly Ill[] = [
  'refused',
  'answer-cut',
  'hangs',
  'dies-before',
  'power-cut-after',
  'started-after',
];
const AT_APPENDS: readonly Ill[] = ['dies-before'];

/** All that can go wrong at the effects from a number on. */
const mishapsFrom = (effects: readonly Effect[], from: number): readonly Mishap[] =>
  effects.flatMap(({ kind }, at) =>
    at < from ? [] : (kind === 'call' ? AT_CALLS : AT_APPENDS).map((ill) => ({ at, ill })),
  );

/** One first fault, and how many second ones its run has room for. */
type First = {
  readonly stage: Stage;
  readonly mishap: Mishap;
  readonly effects: string;
  readonly begin: number;
};

const kinds = (effects: readonly Effect[]): string =>
  effects.map(({ kind }) => (kind === 'call' ? 'c' : 'a')).join('');
const effectsOf = (letters: string): readonly Effect[] =>
  [...letters].map((letter) => ({ kind: letter === 'c' ? 'call' : 'append', what: '' }));
const secondsOf = ({ effects, mishap }: Pick<First, 'effects' | 'mishap'>): readonly Mishap[] =>
  mishapsFrom(effectsOf(effects), mishap.at + 1);

type Listing = { readonly firsts: readonly First[]; readonly count: number };

/** Each first fault is played once by itself: what the run does after it is where the second one can come. */
const list = async (strategies: readonly Strategy[], goesOn?: GoesOn): Promise<Listing> => {
  const stages = strategies.flatMap((strategy) =>
    strategy.parts
      .filter((part) => part !== 'finalize')
      .flatMap((part) => peopleIn(part).map((person) => ({ strategy, part, person }))),
  );
  const firsts: First[] = [];
  let count = 0;
  for (const stage of stages) {
    goesOn?.(titleOf({ ...stage, mishaps: [] }));
    const clean = await play({ ...stage, mishaps: [] });
    for (const mishap of mishapsFrom(clean.effects, 0)) {
      goesOn?.(titleOf({ ...stage, mishaps: [mishap] }));
      const { effects } = await play({ ...stage, mishaps: [mishap] });
      const first = { stage, mishap, effects: kinds(effects), begin: count };
      firsts.push(first);
      count += secondsOf(first).length;
    }
  }
  return { firsts, count };
};

const pairsOf = (about: Pick<Suite, 'name' | 'what'>, strategies: readonly Strategy[]): Suite => {
  let made: Promise<Listing> | undefined;
  const listing = (goesOn?: GoesOn): Promise<Listing> => {
    made ??= list(strategies, goesOn);
    return made;
  };
  const courseOf = async (number: number): Promise<Course> => {
    const { firsts } = await listing();
    const first = firsts.findLast(({ begin }) => begin <= number);
    const second = first && secondsOf(first)[number - first.begin];
    if (!first || !second) throw new Error(`${about.name} has no case ${number}`);
    return { ...first.stage, mishaps: [first.mishap, second] };
  };
  return { ...about, ...playing(async (goesOn) => (await listing(goesOn)).count, courseOf) };
};

const KINDS =
  'refused, answer cut, hangs, dies before, power cut after, started by somebody after; deaths at appends';

const alone = STRATEGIES.filter(({ single }) => single);
const exchanges = ({ name }: Strategy): boolean => name.endsWith('+config');
/** As Kolla installs it: a unit whose own stop is short. */
const isUsual = ({ name }: Strategy): boolean => name === 'unit-short';

export const pairs = pairsOf(
  { name: 'pairs', what: `all pairs, there and back, for one container of a unit on one host (${KINDS})` },
  alone.filter(isUsual),
);

export const ownerPairs = pairsOf(
  {
    name: 'owner-pairs',
    what: 'the same pairs where the engine, a patient unit or one out of reach owns it',
  },
  alone.filter((strategy) => !exchanges(strategy) && !isUsual(strategy)),
);

const isUsualExchange = ({ name }: Strategy): boolean => name === 'unit-short+config';

export const configPairs = pairsOf(
  {
    name: 'config-pairs',
    what: 'the same pairs of that unit where a migration and the configuration are exchanged, too',
  },
  alone.filter(isUsualExchange),
);

export const ownerConfigPairs = pairsOf(
  { name: 'owner-config-pairs', what: 'those where the engine, a patient unit or one out of reach owns it' },
  alone.filter((strategy) => exchanges(strategy) && !isUsualExchange(strategy)),
);
