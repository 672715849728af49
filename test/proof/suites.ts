import { storeSuite } from '../store/suite.js';
import { anyPairs } from './any-pairs.js';
import { configPairs, ownerConfigPairs, ownerPairs, pairs } from './pairs.js';
import { looks, single } from './single.js';
import type { Suite } from './suite.js';
import { wholePairs, wholeRuns } from './whole/suite.js';

/** A suite of the proof, and how much of it is played. */
export type Entry = {
  readonly suite: Suite;
  /** Of a suite without an end: how many numbers the proof plays. */
  readonly seeds?: number;
  /** The same for torture. */
  readonly torture?: number;
  /** In the proof one case in so many is played; torture plays them all. */
  readonly every?: number;
  /** It takes too long for the proof. */
  readonly onlyTorture?: true;
  /** In a quick run one case in so many is played; of a suite without an end, that share of its seeds. */
  readonly quickEvery: number;
};

/** One line a suite; the table has its rows in this order. */
export const ENTRIES: readonly Entry[] = [
  { suite: single, quickEvery: 41 },
  { suite: looks, every: 10, quickEvery: 401 },
  { suite: pairs, quickEvery: 211 },
  { suite: ownerPairs, onlyTorture: true, quickEvery: 997 },
  { suite: configPairs, onlyTorture: true, quickEvery: 2_003 },
  { suite: ownerConfigPairs, onlyTorture: true, quickEvery: 2_003 },
  { suite: anyPairs, seeds: 1_500, torture: 200_000, quickEvery: 97 },
  { suite: storeSuite, seeds: 3_000, torture: 60_000, quickEvery: 61 },
  { suite: wholeRuns, seeds: 50_000, torture: 1_000_000, quickEvery: 199 },
  { suite: wholePairs, seeds: 1_000, torture: 100_000, quickEvery: 97 },
];

export const entryNamed = (name: string): Entry => {
  const found = ENTRIES.find(({ suite }) => suite.name === name);
  if (!found)
    throw new Error(
      `there is no suite ${name}; there are ${ENTRIES.map(({ suite }) => suite.name).join(', ')}`,
    );
  return found;
};
