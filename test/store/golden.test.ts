import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { verify } from '../../src/store/verify.js';
import { note } from './events.js';
import { notesOf, openIn, temporaryFolder } from './folder.js';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), 'golden');

/** Journals as each format was written; they are read for ever. A new format gets a file of its own, none is changed. */
const JOURNALS = [
  {
    file: 'journal-1.jsonl',
    events: 8,
    head: '3c0669c8d166b81388d90a1a23756217a58b266ca526a0734f38108d4dfc3700',
  },
  {
    file: 'journal-1-epochs.jsonl',
    events: 10,
    head: 'e6cb710887741926987ddfed38fe272754f5d55231de33bbb84c2680f9088105',
  },
];

test('every golden journal is named here', () => {
  expect(readdirSync(GOLDEN).toSorted((a, b) => a.localeCompare(b))).toEqual(
    JOURNALS.map(({ file }) => file).toSorted((a, b) => a.localeCompare(b)),
  );
});

test.each(JOURNALS)(
  '$file verifies, is folded to the same run, and is written on',
  async ({ file, events, head }) => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    copyFileSync(join(GOLDEN, file), join(folder, 'journal-000001.jsonl'));
    expect(await verify(folder)).toMatchObject({ ok: true, events, head });
    const store = await openIn(folder);
    expect(store.state().runs.r1).toMatchObject({
      phase: 'rolled-back',
      direction: 'back',
      requestedAt: '2026-11-22T10:00:00.000Z',
      startedAt: '2026-11-22T10:02:00.000Z',
      backTookMs: 1200,
    });
    expect(notesOf(store)).toEqual(['a note with “quotes” and ü']);
    await store.append('r1', note('written on'));
    await store.close();
    expect(await verify(folder, { posted: [head] })).toMatchObject({ ok: true, events: events + 1 });
  },
);
