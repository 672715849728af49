import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { wholeRuns } from './suite.js';

const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

/** Played in every `npm test`; the proof goes on from there. */
const SEEDS = 320;
const AT_A_TIME = 20;

describe('whole runs drawn from a seed', () => {
  test.each(from(0, SEEDS / AT_A_TIME).map((part) => part * AT_A_TIME))(
    'from seed %i on: every invariant holds after every event and at the end',
    async (first) => {
      const failed: string[] = [];
      for (const seed of from(first, AT_A_TIME)) {
        const { why } = await wholeRuns.play(seed);
        failed.push(...why.map((sentence) => `seed ${seed}: ${sentence}`));
      }
      expect(failed).toEqual([]);
    },
    120_000,
  );
});

describe('a seed', () => {
  const seeds = [3, 7, 34, 43, 85, 138];

  const hashOf = async (seed: number): Promise<string> =>
    createHash('sha256')
      .update((await wholeRuns.tell(seed)).join('\n'))
      .digest('hex');

  const all = async (order: readonly number[]): Promise<Map<number, string>> => {
    const hashes = new Map<number, string>();
    for (const seed of order) hashes.set(seed, await hashOf(seed));
    return hashes;
  };

  test('plays the same run, event by event, twice and in another order', async () => {
    const first = await all(seeds);
    const again = await all(seeds.toReversed());
    expect(again).toEqual(first);
    expect(new Set(first.values()).size).toBe(seeds.length);
  }, 120_000);

  test('plays the same run in another process', async () => {
    const script = fileURLToPath(new URL('print.ts', import.meta.url));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script, ...seeds.map(String)]);
    const there = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .map(([seed, hash = '']) => [Number(seed), hash]),
    );
    expect(there).toEqual(await all(seeds));
  }, 240_000);

  test('tells a person what was drawn, what was injected and what came of it', async () => {
    const lines = await wholeRuns.tell(85);
    expect(lines[0]).toMatch(/^ +0\.000 s {2}seed 85: \w+ on \d hosts?, owned by /);
    expect(lines.some((line) => line.includes('from here on nothing goes wrong'))).toBe(true);
  }, 60_000);
});
