import { mkdirSync, readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import { Damage, readChain } from '../../src/store/chain.js';
import { DISK } from '../../src/store/disk.js';
import { GENESIS, lineOf } from '../../src/store/record.js';
import { seal } from '../../src/store/seal.js';
import { SnapshotAdapter } from '../../src/store/snapshot.js';
import { verify } from '../../src/store/verify.js';
import { note, requested } from './events.js';
import { listLog, notesOf, openIn, temporaryFolder } from './folder.js';

const JOURNAL = 'journal-000001.jsonl';
const TEXTS = ['first', 'second', 'third'];

/** A folder with a journal of a request and three notes; without a snapshot unless asked for. */
const journalIn = async ({ snapshot = false } = {}): Promise<string> => {
  const folder = temporaryFolder();
  const store = await openIn(folder);
  await store.append('r1', requested);
  for (const text of TEXTS) await store.append('r1', note(text));
  await store.close();
  if (!snapshot) unlinkSync(join(folder, 'db.json'));
  return folder;
};

const linesOf = (folder: string): string[] =>
  readFileSync(join(folder, JOURNAL), 'utf8').trimEnd().split('\n');
const writeLines = (folder: string, lines: readonly string[]): void =>
  writeFileSync(join(folder, JOURNAL), lines.map((line) => `${line}\n`).join(''));

const placed = (line: number) =>
  expect.objectContaining({
    code: 'state-damaged',
    why: expect.stringContaining(`${JOURNAL}, line ${line} (seq ${line})`),
  });

describe('a journal that was altered', () => {
  const ALTERED: readonly (readonly [string, (lines: string[]) => string[], number])[] = [
    ['an edited record', ([a = '', b = '', c = '', d = '']) => [a, b.replace('first', 'frist'), c, d], 2],
    [
      'an edited record under a new hash of its own',
      ([a = '', b = '', c = '', d = '']) => [a, resealed(b), c, d],
      3,
    ],
    ['a deleted record', ([a = '', _b, c = '', d = '']) => [a, c, d], 2],
    ['a deleted first record', ([, b = '', c = '', d = '']) => [b, c, d], 1],
    ['records in another order', ([a = '', b = '', c = '', d = '']) => [a, c, b, d], 2],
    ['a record twice', ([a = '', b = '', c = '', d = '']) => [a, b, b, c, d], 3],
    [
      'an edited last record',
      ([a = '', b = '', c = '', d = '']) => [a, b, c, d.replace('third', 'thrid')],
      4,
    ],
    ['an empty line', ([a = '', b = '', c = '', d = '']) => [a, b, '', c, d], 3],
    ['a foreign line', ([a = '', b = '', c = '', d = '']) => [a, '{"hello":"world"}', b, c, d], 2],
  ];
  const resealed = (line: string): string => {
    const { h: _old, ...body } = JSON.parse(line);
    return seal({ ...body, event: { kind: 'noted', text: 'never said' } }).text;
  };

  test.each(ALTERED)('%s is refused, with file, line and number', async (_what, alter, line) => {
    const folder = await journalIn();
    writeLines(folder, alter(linesOf(folder)));
    await expect(openIn(folder)).rejects.toEqual(placed(line));
    expect(await verify(folder)).toMatchObject({ ok: false, file: JOURNAL, line, seq: line });
  });

  test('a refused folder is left as it is, and can be opened once it was mended', async () => {
    const folder = await journalIn();
    const good = linesOf(folder);
    writeLines(folder, good.slice(1));
    await expect(openIn(folder)).rejects.toBeInstanceOf(Refusal);
    expect(linesOf(folder)).toEqual(good.slice(1));
    writeLines(folder, good);
    const store = await openIn(folder);
    expect(notesOf(store)).toEqual(TEXTS);
    await store.close();
  });

  test('an event that cannot follow is refused, though its hashes fit', async () => {
    const folder = await journalIn();
    const lines = linesOf(folder);
    const last = JSON.parse(lines.at(-1) ?? '{}');
    const { line } = lineOf(
      { at: last.at, run: 'r1', event: { kind: 'started' } },
      { seq: last.seq, hash: last.h },
    );
    writeLines(folder, [...lines, line.trimEnd()]);
    await expect(openIn(folder)).rejects.toEqual(placed(5));
  });

  test.each([
    ['a newer record version', { v: 2 }, 'state-newer', 'newer Stackswap'],
    ['a wrong number', { seq: 7 }, 'state-damaged', 'bears the number 7'],
    ['an unknown kind', { event: { kind: 'teleported' } }, 'state-newer', 'kind "teleported"'],
    ['no kind', { event: {} }, 'state-damaged', 'not a record'],
  ])('%s is refused', async (_what, change, code, why) => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    const body = {
      v: 1,
      seq: 1,
      at: '2026-11-22T10:00:00.000Z',
      run: 'r1',
      event: requested,
      prev: GENESIS,
      ...change,
    };
    writeLines(folder, [seal(body).text]);
    await expect(openIn(folder)).rejects.toMatchObject({
      code,
      why: expect.stringContaining(why),
    });
  });

  test('a missing file between others, and a file without its last line end between others, are refused', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, { fileLimit: 1 });
    await store.append('r1', requested);
    for (const text of TEXTS) await store.append('r1', note(text));
    await store.close();
    const second = join(folder, 'journal-000002.jsonl');
    const content = readFileSync(second);
    truncateSync(second, content.length - 20);
    await expect(openIn(folder)).rejects.toMatchObject({
      why: expect.stringContaining('journal-000002.jsonl, line 1 (seq 2)'),
    });
    unlinkSync(second);
    await expect(openIn(folder)).rejects.toMatchObject({
      why: expect.stringContaining('journal-000002.jsonl'),
    });
  });
});

describe('a snapshot as an anchor', () => {
  test('shows that whole records are gone from the end of the journal', async () => {
    const folder = await journalIn({ snapshot: true });
    writeLines(folder, linesOf(folder).slice(0, -1));
    await expect(openIn(folder)).rejects.toEqual(placed(4));
    expect(await verify(folder)).toMatchObject({
      ok: false,
      line: 4,
      why: expect.stringContaining('db.json'),
    });
  });

  test('shows that the whole chain was rebuilt', async () => {
    const folder = await journalIn({ snapshot: true });
    const other = await journalIn();
    writeLines(
      folder,
      linesOf(other).map((line) => line),
    );
    await expect(openIn(folder)).rejects.toEqual(placed(4));
  });

  test('shows an emptied journal', async () => {
    const folder = await journalIn({ snapshot: true });
    truncateSync(join(folder, JOURNAL), 0);
    await expect(openIn(folder)).rejects.toEqual(placed(1));
  });
});

describe('a write that was cut off', () => {
  test('is cut and logged, and the journal goes on behind the last whole record', async () => {
    const folder = await journalIn();
    const whole = readFileSync(join(folder, JOURNAL));
    truncateSync(join(folder, JOURNAL), whole.length - 10);
    expect(await verify(folder)).toMatchObject({ ok: true, events: 3, tornBytes: expect.any(Number) });
    const log = listLog();
    const store = await openIn(folder, { log });
    expect(notesOf(store)).toEqual(['first', 'second']);
    expect(log.lines.join()).toContain('cut the beginning of a record');
    await store.append('r1', note('fourth'));
    await store.close();
    expect(linesOf(folder).slice(0, 3)).toEqual(whole.toString().split('\n').slice(0, 3));
    expect(await verify(folder)).toMatchObject({ ok: true, events: 4 });
  });
});

/** What a start would make of a journal's bytes: the notes that are left, or the refusal. */
const readBack = async (
  folder: string,
  bytes: Buffer,
): Promise<{ notes: string[]; torn: boolean } | Damage> => {
  writeFileSync(join(folder, JOURNAL), bytes);
  const notes: string[] = [];
  try {
    const chain = await readChain({ disk: DISK, folder }, ({ event }) => {
      if (event.kind === 'noted') notes.push(event.text);
    });
    return { notes, torn: chain.torn !== undefined };
  } catch (error) {
    if (error instanceof Damage) return error;
    throw error;
  }
};

describe('every single byte', () => {
  const texts = [...TEXTS, 'fourth', 'fifth', 'sixth'];
  let content = Buffer.alloc(0);

  beforeAll(() => {
    let head = { seq: 0, hash: GENESIS };
    const lines = texts.map((text) => {
      const next = lineOf(
        { at: '2026-11-22T10:00:00.000Z', run: 'r1', event: { kind: 'noted', text } },
        head,
      );
      head = next.head;
      return next.line;
    });
    content = Buffer.from(lines.join(''));
  });

  test('after a truncation anywhere the whole records are read and the rest is reported', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    for (let length = 0; length <= content.length; length++) {
      const part = content.subarray(0, length);
      const whole = part.toString().split('\n').length - 1;
      const torn = length > 0 && part[length - 1] !== 10;
      expect(await readBack(folder, part), `cut at ${length}`).toEqual({
        notes: texts.slice(0, whole),
        torn,
      });
    }
  });

  test('a flipped bit anywhere is found: nothing is read as whole that was altered or lost', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    const silent: string[] = [];
    let flips = 0;
    for (let at = 0; at < content.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(content);
        flipped[at] = (content[at] ?? 0) ^ (1 << bit);
        const answer = await readBack(folder, flipped);
        flips += 1;
        if (!(answer instanceof Damage)) silent.push(`bit ${bit} of byte ${at}: ${JSON.stringify(answer)}`);
      }
    }
    expect(silent).toEqual([]);
    expect(flips).toBeGreaterThan(10_000);
    console.info(`${flips} flipped bits, ${silent.length} in silence`);
    expect(readdirSync(folder)).toEqual([JOURNAL]);
  });
});

describe('a snapshot', () => {
  test('with a bit flipped, or cut anywhere, is not read: the journal is replayed', async () => {
    const folder = await journalIn({ snapshot: true });
    const content = readFileSync(join(folder, 'db.json'));
    const readFrom = (altered: Buffer) =>
      new SnapshotAdapter({ folder, disk: { ...DISK, readFile: async () => altered } }).read();
    const silent: string[] = [];
    let flips = 0;
    for (let at = 0; at < content.length; at++) {
      if (await readFrom(content.subarray(0, at))) silent.push(`cut at ${at}`);
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(content);
        flipped[at] = (content[at] ?? 0) ^ (1 << bit);
        flips += 1;
        if (await readFrom(flipped)) silent.push(`bit ${bit} of byte ${at}`);
      }
    }
    expect(silent).toEqual([]);
    expect(flips).toBeGreaterThan(5_000);
    expect(await readFrom(content)).toMatchObject({ state: { runs: { r1: { id: 'r1' } } } });
  });
});

describe('verify', () => {
  test('answers the number of events and the head', async () => {
    const folder = await journalIn();
    const last = JSON.parse(linesOf(folder).at(-1) ?? '{}');
    expect(await verify(folder)).toEqual({ ok: true, events: 4, head: last.h, tornBytes: 0, posted: [] });
  });

  test('reads beside the process that holds the folder', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    expect(await verify(folder)).toMatchObject({ ok: true, events: 1, head: store.head().hash });
    await store.close();
  });

  test('does not call an empty folder a good journal', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    expect(await verify(folder)).toMatchObject({ ok: false, file: JOURNAL });
  });
});
