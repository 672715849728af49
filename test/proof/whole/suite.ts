import type { Suite } from '../suite.js';
import { play } from './play.js';

/** Whole runs drawn from a seed: one service, its people, Slack and everything that goes wrong. */
export const wholeRuns: Suite = {
  name: 'whole',
  what: 'whole runs drawn from a seed: hosts, people, Slack, crashes, foreign hands',
  count: async () => Number.POSITIVE_INFINITY,
  play: async (seed) => {
    const { why, end } = await play(seed);
    return { why, end };
  },
  tell: async (seed) => (await play(seed)).lines,
};

/** After two things nothing goes wrong any more. */
const TWO = { trouble: { budget: 2, spells: [] } } as const;

/** Whole runs in which at most two things go wrong, so that none hides another. */
export const wholePairs: Suite = {
  name: 'whole-pairs',
  what: 'whole runs drawn from a seed, with at most two faults in each',
  count: async () => Number.POSITIVE_INFINITY,
  play: async (seed) => {
    const { why, end } = await play(seed, TWO);
    return { why, end };
  },
  tell: async (seed) => (await play(seed, TWO)).lines,
};
