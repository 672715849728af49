import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { REDUCER_VERSION } from '../../src/run/run.js';
import { seal } from '../../src/store/seal.js';
import { verify } from '../../src/store/verify.js';
import { eventsTo } from '../builders.js';
import { note, requested } from './events.js';
import { listLog, notesOf, openIn, temporaryFolder } from './folder.js';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A closed journal of one request and `count` notes. */
const filled = async (folder: string, count: number, options: Parameters<typeof openIn>[1] = {}) => {
  const store = await openIn(folder, options);
  await store.append('r1', requested);
  for (let at = 0; at < count; at++) await store.append('r1', note(`note ${at}`));
  await store.close();
  return store;
};

afterEach(() => vi.unstubAllEnvs());

describe('a state folder', () => {
  test('gives back after a restart what was appended before it', async () => {
    const folder = temporaryFolder();
    const first = await openIn(folder);
    for (const event of eventsTo('upgraded')) await first.append('r1', event);
    await first.close();
    const second = await openIn(folder);
    expect(second.state()).toEqual(first.state());
    expect(second.head()).toEqual(first.head());
    expect(await second.eventsOf('r1')).toEqual(await first.eventsOf('r1'));
    await second.close();
  });

  test('does so under NODE_ENV=test, for which lowdb’s own preset would keep everything in memory', async () => {
    vi.stubEnv('NODE_ENV', 'test');
    const folder = temporaryFolder();
    await filled(folder, 1);
    expect(readFileSync(join(folder, 'journal-000001.jsonl'), 'utf8').split('\n')).toHaveLength(3);
  });

  test('is 0700 and all in it 0600, whatever the umask', async () => {
    const folder = temporaryFolder();
    const umask = process.umask(0);
    await filled(folder, 1).finally(() => process.umask(umask));
    expect(modeOf(folder)).toBe('700');
    expect(readdirSync(folder).map((name) => `${name} ${modeOf(join(folder, name))}`)).toEqual([
      'LOCK 600',
      'db.json 600',
      'journal-000001.jsonl 600',
    ]);
  });

  test('loses the rights that others were given meanwhile', async () => {
    const folder = temporaryFolder();
    await filled(folder, 1);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    chmodSync(folder, 0o755);
    const log = listLog();
    await (await openIn(folder, { log })).close();
    expect([folder, ...readdirSync(folder).map((name) => join(folder, name))].map(modeOf)).toEqual([
      '700',
      '600',
      '600',
      '600',
    ]);
    expect(log.lines).toHaveLength(4);
  });

  test('that cannot be made is refused by name', async () => {
    const folder = temporaryFolder();
    writeFileSync(folder, 'a file');
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'bad-config',
      why: expect.stringContaining(folder),
    });
  });

  test('begins a new file when one is full, and reads them all', async () => {
    const folder = temporaryFolder();
    const store = await filled(folder, 40, { fileLimit: 2_000 });
    expect(readdirSync(folder).filter((name) => name.startsWith('journal')).length).toBeGreaterThan(3);
    const again = await openIn(folder, { fileLimit: 2_000 });
    expect(again.state()).toEqual(store.state());
    expect(await again.eventsOf('r1')).toHaveLength(41);
    await again.append('r1', note('more'));
    await again.close();
    expect(await verify(folder)).toEqual({
      ok: true,
      events: 42,
      head: again.head().hash,
      tornBytes: 0,
      posted: [],
    });
  });

  test('whose journal is gone is refused and not taken for a new one', async () => {
    for (const left of ['LOCK', 'db.json']) {
      const folder = temporaryFolder();
      await filled(folder, 1);
      const content = readFileSync(join(folder, left));
      const bare = temporaryFolder();
      mkdirSync(bare);
      writeFileSync(join(bare, left), content);
      await expect(openIn(bare)).rejects.toMatchObject({
        code: 'state-damaged',
        why: expect.stringContaining('journal-000001.jsonl'),
      });
    }
  });

  test('that was left before its journal was begun is a new one', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'LOCK'), '');
    await filled(folder, 1);
    expect(await verify(folder)).toMatchObject({ ok: true, events: 2 });
  });
});

describe('the snapshot', () => {
  const read = (folder: string) => JSON.parse(readFileSync(join(folder, 'db.json'), 'utf8'));
  const countSnapshots = async (notes: number, snapshotEvery: number) => {
    const folder = temporaryFolder();
    const store = await openIn(folder, { snapshotEvery });
    await store.append('r1', requested);
    const seen = new Set<number>();
    for (let at = 0; at < notes; at++) {
      await store.append('r1', note(`note ${at}`));
      await vi.waitFor(() => expect(existsSync(join(folder, 'db.json'))).toBe(true));
      seen.add(read(folder).head.seq);
    }
    await store.close();
    return { seen, last: read(folder).head.seq };
  };

  test('is made after the first event, every so many events and at the end', async () => {
    const { seen, last } = await countSnapshots(30, 10);
    expect(last).toBe(31);
    expect(seen.size).toBeGreaterThanOrEqual(3);
    expect(seen.size).toBeLessThanOrEqual(5);
  });

  test('holds the state that the journal folds to, its head and the reducer’s version', async () => {
    const folder = temporaryFolder();
    const store = await filled(folder, 3);
    expect(read(folder)).toMatchObject({
      version: REDUCER_VERSION,
      head: store.head(),
      state: JSON.parse(JSON.stringify(store.state())),
    });
  });

  test.each([
    [
      'of another reducer',
      (folder: string) =>
        seal({ ...read(folder), h: undefined, version: REDUCER_VERSION + 1, state: { runs: {}, holds: {} } })
          .text,
    ],
    [
      'that is damaged',
      (folder: string) => readFileSync(join(folder, 'db.json'), 'utf8').replace('note 1', 'note 7'),
    ],
    ['that is empty', () => ''],
    ['that holds null', () => 'null'],
    ['that is not one', () => seal({ version: REDUCER_VERSION, head: { seq: 'x' }, state: [] }).text],
  ])('%s is thrown away with a warning, and the journal is replayed', async (_what, content) => {
    const folder = temporaryFolder();
    const store = await filled(folder, 3);
    writeFileSync(join(folder, 'db.json'), content(folder));
    const log = listLog();
    const again = await openIn(folder, { log });
    expect(again.state()).toEqual(store.state());
    expect(log.lines.join()).toContain('db.json is not used');
    await again.close();
    expect(read(folder).version).toBe(REDUCER_VERSION);
  });

  test('that is missing costs nothing but time', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    await store.append('r1', note('a'));
    await store.close();
    const bare = temporaryFolder();
    mkdirSync(bare);
    writeFileSync(join(bare, 'journal-000001.jsonl'), readFileSync(join(folder, 'journal-000001.jsonl')));
    const again = await openIn(bare);
    expect(notesOf(again)).toEqual(['a']);
    await again.close();
  });

  test('leaves no temporary file of a killed process behind', async () => {
    const folder = temporaryFolder();
    await filled(folder, 1);
    writeFileSync(join(folder, 'db.json.4242.tmp'), '{');
    await (await openIn(folder)).close();
    expect(readdirSync(folder)).toEqual(['LOCK', 'db.json', 'journal-000001.jsonl']);
  });
});
