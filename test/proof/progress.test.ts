import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { contentHash } from './place.js';
import { type Done, type Progress, readProgress, resultOf, writeWhole } from './progress.js';
import { NOTHING, tallyOf, together } from './tally.js';

const folderOfATest = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sw-progress-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const done: Done = {
  next: 2,
  of: 2,
  tally: together(
    tallyOf(0, { why: [], end: 'upgraded' }),
    tallyOf(1, { why: ['two of them run at once'], end: 'stuck' }),
  ),
  seconds: 1.6,
};
const progress: Progress = { program: 'a', suites: { single: done } };
const WHERE = { commit: '0123456789ab', date: '2026-11-23', machine: 'two cores' };

test('what was done goes on with the same program, and begins anew with another', () => {
  const folder = folderOfATest();
  const file = pathToFileURL(join(folder, 'deep', 'progress.json'));
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  expect(readProgress(file, 'a', say)).toEqual({ program: 'a', suites: {} });
  writeWhole(file, progress);
  expect(readProgress(file, 'a', say)).toEqual(progress);
  expect(readProgress(file, 'b', say)).toEqual({ program: 'b', suites: {} });
  writeFileSync(file, '{"program": "a", "sui');
  expect(readProgress(file, 'a', say)).toEqual({ program: 'a', suites: {} });
  expect(said).toEqual([
    expect.stringMatching(/^It begins at the first case \(ENOENT/),
    'The product or its simulation was changed since: it begins anew.',
    expect.stringMatching(/^It begins at the first case \(.*JSON/),
  ]);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['progress.json']);
});

test('a result is whole only where every suite was played to its end, and names what was lost', () => {
  const single = { name: 'single', what: 'one fault' };
  expect(resultOf(progress, [single], WHERE)).toEqual({
    ...WHERE,
    program: 'a',
    whole: true,
    suites: [
      {
        ...single,
        of: 2,
        tried: 2,
        survived: 1,
        lost: 1,
        ends: { upgraded: 1, stuck: 1 },
        seconds: 2,
        examples: done.tally.examples,
      },
    ],
  });
  const half = { ...progress, suites: { single: { ...done, of: 3 } } };
  expect(resultOf(half, [single], WHERE).whole).toBe(false);
  const begun = resultOf(progress, [single, { name: 'pairs', what: 'two faults' }], WHERE);
  expect([begun.whole, begun.suites[1]?.tried, begun.suites[1]?.of]).toEqual([false, NOTHING.tried, null]);
});

test('a compiled program is the same by its files’ places and contents, wherever it lies', () => {
  const [one, other] = [folderOfATest(), folderOfATest()];
  for (const folder of [one, other]) writeFileSync(join(folder, 'x.js'), 'export const x = 1;\n');
  expect(contentHash(one)).toBe(contentHash(other));
  writeFileSync(join(other, 'y.js'), '');
  expect(contentHash(one)).not.toBe(contentHash(other));
  rmSync(join(other, 'y.js'));
  writeFileSync(join(other, 'x.js'), 'export const x = 2;\n');
  expect(contentHash(one)).not.toBe(contentHash(other));
});
