import { describe, expect, test } from 'vitest';
import { type Course, play } from '../proof/course/course.js';
import { titleOf } from '../proof/course/listing.js';
import { STAGES, singlesOf } from '../proof/single.js';

/** Far from each other, so that a few stand for all of a list. */
const scattered = (list: readonly Course[], count: number): readonly Course[] =>
  [
    ...new Set(
      Array.from({ length: count }, (_none, nth) => Math.floor((((nth + 1) * 0.618034) % 1) * list.length)),
    ),
  ].flatMap((at) => list[at] ?? []);

/**
 * A few single faults at the boundaries of these strategies, and the run without one. `npm run proof` plays all of them;
 * these show at once that something broke.
 */
export const someFaultsOf = (strategies: readonly string[], each: number): void => {
  const stages = STAGES.filter(({ strategy }) => strategies.includes(strategy.name));
  test('the proof knows these strategies', () => {
    expect([...new Set(stages.map(({ strategy }) => strategy.name))]).toEqual(strategies);
  });
  describe.each(
    stages.map(
      (stage) =>
        [`${stage.strategy.name}, ${stage.part}, the person answers ${stage.person}`, stage] as const,
    ),
  )('%s', (_name, stage) => {
    test('with one fault at a time it ends well', async () => {
      const list = await singlesOf(stage);
      expect(list.length).toBeGreaterThan(40);
      for (const course of scattered(list, each)) {
        const { why } = await play(course);
        expect([titleOf(course), why]).toEqual([titleOf(course), []]);
      }
    });
  });
};
