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
