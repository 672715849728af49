import type { Options } from './options.js';
import type { Crew } from './pool.js';
import type { Entry } from './suites.js';
import type { Row } from './table.js';
import type { Tally } from './tally.js';

export const say = (line: string): void => console.log(line);

export const secondsSince = (began: number): number => (performance.now() - began) / 1_000;

/** The numbers of a suite that are played now. */
const rangeOf = async (entry: Entry, options: Options, crew: Crew) => {
  const { suite, seeds = 0, every = 1, quickEvery } = entry;
  const count = await crew.count(suite.name);
  if (Number.isFinite(count))
    return { from: 0, to: count, of: count, every: options.quick ? quickEvery : every };
  const wanted = options.seeds ?? (options.quick ? Math.ceil(seeds / quickEvery) : seeds);
  return { from: options.from, to: options.from + wanted, of: undefined, every: 1 };
};

/** What a person reads of the cases that were lost: why, and how each is played again. */
export const lostLines = (suite: string, { lost, examples }: Tally): readonly string[] => [
  ...examples.flatMap(({ number, why }) => [
    '',
    `LOST: case ${number} of ${suite}`,
    ...why.map((sentence) => `  - ${sentence}`),
    `  again: npm run proof -- --suite ${suite} --case ${number}`,
  ]),
  ...(lost > examples.length ? ['', `… and ${lost - examples.length} more of ${suite}.`] : []),
];

export const sayLost = (suite: string, tally: Tally): void => {
  for (const line of lostLines(suite, tally)) say(line);
};

/** Plays a suite as far as the options say, and says what was lost. */
export const playSuite = async (
  entry: Entry,
  options: Options,
  crew: Crew,
): Promise<Omit<Extract<Row, { kind: 'cases' }>, 'kind' | 'what'>> => {
  const { suite } = entry;
  const began = performance.now();
  const { of, ...range } = await rangeOf(entry, options, crew);
  const tally = await crew.play({ entry, ...range });
  const seconds = secondsSince(began);
  say(`${suite.name}: ${tally.tried} tried, ${tally.lost} lost, ${seconds.toFixed(0)} s`);
  sayLost(suite.name, tally);
  return { tally, seconds, of, every: range.every };
};
