import { describe, expect, test } from 'vitest';
import { playStore, storeSuite } from './suite.js';
import { emptyTally } from './tally.js';

const SEEDS = 250;

describe('the journal on a simulated disk', () => {
  test('loses no acknowledged event, fails no start and passes no damage in silence', {
    timeout: 120_000,
  }, async () => {
    const tally = emptyTally();
    const lost: string[] = [];
    for (let seed = 0; seed < SEEDS; seed += 1)
      lost.push(...(await playStore(seed, { tally })).why.map((why) => `seed ${seed}: ${why}`));
    expect(lost).toEqual([]);
    expect(tally.events).toBeGreaterThan(10_000);
    expect(tally.kills).toBeGreaterThan(400);
    expect(tally.cuts).toBeGreaterThan(400);
    expect(Math.min(tally.full, tally.badSyncs, tally.takeovers)).toBeGreaterThan(30);
    expect(tally.flips).toBeGreaterThan(1_500);
    console.info(
      `the journal on a simulated disk, ${SEEDS} seeds: ${JSON.stringify(tally)}, ${lost.length} lost`,
    );
  });

  test('plays the same case the same way every time', async () => {
    const seeds = [1, 2, 3, 4, 5];
    const [first, second] = [
      await Promise.all(seeds.map(storeSuite.tell)),
      await Promise.all(seeds.map(storeSuite.tell)),
    ];
    expect(first.flat().length).toBeGreaterThan(20);
    expect(second).toEqual(first);
  });
});
