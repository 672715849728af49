import type { Fault } from '../../../src/sim/faults.js';
import type { Random } from '../../../src/sim/random.js';
import type { SlackFault } from '../../doubles/simulated-slack.js';

/** What may go wrong around an engine's call: the call itself, or something else at that very moment. */
export const AROUND_A_CALL = [
  'refuse',
  'lose-answer',
  'hang',
  'crash-before',
  'crash-after',
  'power cut',
  'daemon restart',
  'foreign hand',
  'click',
  'stall',
  'unreachable',
  'unit started',
  'process ends',
  'Slack away',
] as const;
export type AroundACall = (typeof AROUND_A_CALL)[number];

export const AROUND_AN_APPEND = [
  'fails',
  'crash before',
  'crash amid',
  'crash after',
  'slow',
  'click',
] as const;
export type AroundAnAppend = (typeof AROUND_AN_APPEND)[number];

type Rates<K extends string> = { readonly rate: number; readonly weights: Readonly<Record<K, number>> };

/** How much goes wrong in a seed, and of what kind. Every seed leaves some kinds out, so that none hides another. */
export type Trouble = {
  readonly calls: Rates<AroundACall>;
  readonly appends: Rates<AroundAnAppend>;
  readonly slack: Rates<Exclude<SlackFault, 'ok'>>;
  /** How many things go wrong in all. */
  readonly budget: number;
  /** Nothing goes wrong any more after so many milliseconds. */
  readonly untilMs: number;
  /** Spells of illness: milliseconds after the beginning. */
  readonly spells: readonly Spell[];
};

export type Spell = {
  readonly from: number;
  readonly to: number;
  readonly whose: 'everybody' | 'the old one' | 'the new one';
  /** In that share of looks it is ill. */
  readonly share: number;
};

const swarm = <K extends string>(
  random: Random,
  weights: Readonly<Record<K, number>>,
): Readonly<Record<K, number>> => {
  const drawn = Object.entries<number>(weights).map(
    ([kind, weight]) => [kind, random.chance(0.5) ? weight : 0] as const,
  );
  return drawn.some(([, weight]) => weight > 0) ? (Object.fromEntries(drawn) as Record<K, number>) : weights;
};

const RATES = [0, 0.005, 0.02, 0.06, 0.2] as const;

const drawSpell = (random: Random): Spell => {
  const from = random.int(150_000);
  return {
    from,
    to: from + random.between(1_000, 90_000),
    whose: random.pick(['everybody', 'the old one', 'the new one']),
    share: random.pick([0.3, 0.5, 1]),
  };
};

export const drawTrouble = (random: Random): Trouble => {
  const weights = swarm<AroundACall>(random, {
    refuse: 3,
    'lose-answer': 4,
    hang: 2,
    'crash-before': 2,
    'crash-after': 3,
    'power cut': 2,
    'daemon restart': 2,
    'foreign hand': 1,
    click: 4,
    stall: 2,
    unreachable: 1,
    'unit started': 2,
    'process ends': 2,
    'Slack away': 2,
  });
  return {
    calls: { rate: random.pick(RATES), weights },
    appends: {
      rate: random.pick(RATES),
      weights: swarm(random, {
        fails: 2,
        'crash before': 2,
        'crash amid': 2,
        'crash after': 2,
        slow: 2,
        click: 3,
      }),
    },
    slack: {
      rate: random.pick(RATES),
      weights: swarm(random, { refused: 1, limited: 2, lost: 2, taken: 3, broken: 1 }),
    },
    budget: random.pick([1, 2, 3, 5, 9, 20]),
    untilMs: random.between(20_000, 240_000),
    spells: Array.from({ length: random.pick([0, 0, 1, 3]) }, () => drawSpell(random)),
  };
};

export const CALL_FAULTS: readonly string[] = [
  'refuse',
  'lose-answer',
  'hang',
  'crash-before',
  'crash-after',
] satisfies Fault[];
