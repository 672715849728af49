import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../store/compiled.js';
import { play } from './course/course.js';
import { strategyNamed } from './course/strategies.js';
import { MUTANTS } from './mutants/all.js';
import { countsOf } from './mutants/counts.js';
import type { Judged } from './mutants/kill.js';
import { type Mutant, mutate } from './mutants/mutant.js';
import { readOptions } from './options.js';
import { lostLines } from './playing.js';
import { type Crew, hire } from './pool.js';
import { STAGES, singlesOf } from './single.js';
import { entryNamed } from './suites.js';
import { holds, lastLine, type Row, tableOf } from './table.js';
import { NOTHING, tallyOf, together } from './tally.js';

const well = tallyOf(3, { why: [], end: 'upgraded' });
const ill = tallyOf(4, { why: ['two of them run at once'], end: 'rolled-back' });

const cases = (tally = together(well, ill)): Row => ({
  kind: 'cases',
  what: 'faults',
  of: 14,
  every: 7,
  tally,
  seconds: 12.4,
});
const mutants = (lived: number): Row => ({
  kind: 'mutants',
  what: 'mutants',
  killed: 1_200,
  lived,
  named: 21,
  silent: 1,
  ended: 0,
  seconds: 3,
});

describe('what the proof says', () => {
  test('is one table of what was tried, how many survived, and where they ended', () => {
    expect(tableOf([cases(), mutants(0)])).toBe(
      [
        '| What was tried | Of | Tried | Survived | Lost | Ended | Seconds |',
        '| --- | --: | --: | --: | --: | --- | --: |',
        '| faults: every 7th | 14 | 2 | 1 | 1 | upgraded 1, rolled-back 1 | 12 |',
        '| mutants | 1,200 | 1,200 | 1,200 killed | 0 lived | by the simulator 1,179 (by a loss 1,178, without an end 1, by the end of the process 0), by a named test 21 | 3 |',
      ].join('\n'),
    );
    expect(lastLine([cases(), mutants(1)])).toBe(
      'proof: 2 cases, 1 survived, 1 lost; 1200 mutants killed, of these 1179 by the simulator and 21 by a named test, 1 lived',
    );
  });

  test('names for each lost case why, and the command that plays it again', () => {
    expect(lostLines('single', ill)).toEqual([
      '',
      'LOST: case 4 of single',
      '  - two of them run at once',
      '  again: npm run proof -- --suite single --case 4',
    ]);
    expect(lostLines('single', well)).toEqual([]);
  });

  test('counts by whom mutants were killed: by the simulator, or by a test that they name', () => {
    const judged = [
      ['a.test.ts', { killedBy: 'a test', how: 'loss' }],
      ['a.test.ts', {}],
      [undefined, { killedBy: 'two run at once', how: 'loss' }],
      [undefined, { killedBy: 'no end after 15 s', how: 'no end' }],
      [undefined, { killedBy: 'the process ended with 1', how: 'process' }],
      [undefined, {}],
    ].map(([test, verdict], at) => ({
      mutant: { name: `mutant ${at}`, file: 'src/run/run.ts', find: 'a', replace: 'b', why: 'c', test },
      verdict,
    })) as readonly Judged[];
    expect(countsOf(judged)).toEqual({ killed: 4, lived: 2, named: 1, silent: 1, ended: 1 });
  });

  test('holds only where nothing was lost and no mutant lived', () => {
    expect(holds([cases(well), mutants(0)])).toBe(true);
    expect(holds([cases(), mutants(0)])).toBe(false);
    expect(holds([cases(well), mutants(1)])).toBe(false);
  });

  test('keeps the first few examples of thousands', () => {
    const thousands = Array.from({ length: 50 }, (_none, at) =>
      tallyOf(50 - at, { why: ['lost'], end: 'stuck' }),
    );
    const tally = thousands.reduce(together, NOTHING);
    expect([tally.lost, tally.examples.map(({ number }) => number)]).toEqual([50, [1, 2, 3, 4, 5]]);
  });
});

test.each([
  [['--suite', 'pairs', '--case', '17'], { suite: 'pairs', case: 17, from: 0, quick: false }],
  [['--seeds', '100', '--from', '7', '--quick'], { seeds: 100, from: 7, quick: true }],
])('the words %j are understood', (words, options) => {
  expect(readOptions(words)).toEqual(options);
});

test.each([[['--case', '17']], [['--seeds', 'many']], [['--unheard-of']]])(
  'the words %j are refused',
  (words) => {
    expect(() => readOptions(words)).toThrow();
  },
);

describe('a case', () => {
  const course = {
    strategy: strategyNamed('unit-short'),
    part: 'forward',
    person: 'rollback',
    mishaps: [
      { at: 12, ill: 'dies-before' },
      { at: 20, ill: 'stalls-before' },
    ],
  } as const;

  test('plays the same each time, event by event', async () => {
    const first = await play(course);
    expect(first.told.filter((line) => line.includes('<<<')).length).toBe(2);
    expect(first.told.length).toBeGreaterThan(20);
    expect(await play(course)).toEqual(first);
  });

  test('is one of all boundaries of a run: every call and every append of each strategy', async () => {
    const [stage] = STAGES;
    if (!stage) throw new Error('there are no stages');
    const { effects } = await play({ ...stage, mishaps: [] });
    const places = new Set((await singlesOf(stage)).flatMap(({ mishaps }) => mishaps.map(({ at }) => at)));
    expect([...places].toSorted((a, b) => a - b)).toEqual([...effects.keys()]);
  });
});

describe('workers', () => {
  let crew: Crew;
  let remove: () => void;
  beforeAll(() => {
    const built = compile('test/proof/worker.ts');
    remove = built.remove;
    crew = hire(built.program, 2);
  });
  afterAll(() => {
    crew.close();
    remove();
  });

  test('share the cases of a suite, each played once, and come to what one alone comes to', async () => {
    const entry = entryNamed('store');
    const shared = await crew.play({ entry, from: 0, to: 1_200, every: 97, chunk: 2 });
    let alone = NOTHING;
    for (let number = 0; number < 1_200; number += 97)
      alone = together(alone, tallyOf(number, await entry.suite.play(number)));
    expect(shared).toEqual(alone);
  });
});

describe('mutants', () => {
  const ROOT = new URL('../../', import.meta.url);
  const mutant: Mutant = { name: 'wrong', file: 'src/x.ts', find: 'a', replace: 'b', why: 'wrong' };

  test('are at least thirty, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  test.each(MUTANTS.map((one) => [one.name, one] as const))(
    'fit the product as it is now: %s',
    (_name, one) => {
      const text = readFileSync(new URL(one.file, ROOT), 'utf8');
      expect(mutate(one, text)).not.toBe(text);
      if (one.test !== undefined)
        expect(readFileSync(new URL(one.test, ROOT), 'utf8')).toContain(one.titled ?? '');
    },
  );

  test.each([
    ['nowhere', 'xyz'],
    ['twice', 'a and a'],
  ])('whose text stands %s kill nothing and fail the proof', (_where, text) => {
    expect(() => mutate(mutant, text)).toThrow(/does not fit any more/);
  });
});
