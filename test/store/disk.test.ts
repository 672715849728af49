import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DISK, type Disk, type DiskFile } from '../../src/store/disk.js';
import { verify } from '../../src/store/verify.js';
import { erin } from '../builders.js';
import { leaveOut } from '../setup/left-out.js';
import { note, requested } from './events.js';
import { listLog, notesOf, openIn, temporaryFolder } from './folder.js';

const errno = (code: string): Error => Object.assign(new Error(`${code}: the disk says no`), { code });

type Trouble = {
  /** Thrown by the next write after half of it was written. */
  write?: string | undefined;
  sync?: string | undefined;
  truncate?: string | undefined;
};

const handleOf = (file: FileHandle): DiskFile => ({
  appendFile: (content) => file.appendFile(content),
  datasync: () => file.datasync(),
  sync: () => file.sync(),
  truncate: (length) => file.truncate(length),
  stat: () => file.stat(),
  close: () => file.close(),
});

/** A disk that does what `trouble` says to journal files, and tells what was called. */
const badDisk = () => {
  const trouble: Trouble = {};
  const calls: string[] = [];
  const take = (what: keyof Trouble): string | undefined => {
    const code = trouble[what];
    trouble[what] = undefined;
    return code;
  };
  const wrap = (file: FileHandle): DiskFile => ({
    appendFile: async (lines) => {
      calls.push('write');
      const code = take('write');
      if (code === undefined) return file.appendFile(lines);
      await file.appendFile(String(lines).slice(0, String(lines).length / 2));
      throw errno(code);
    },
    datasync: async () => {
      calls.push('sync');
      const code = take('sync');
      if (code !== undefined) throw errno(code);
      return file.datasync();
    },
    truncate: async (length) => {
      calls.push('truncate');
      const code = take('truncate');
      if (code !== undefined) throw errno(code);
      return file.truncate(length);
    },
    sync: () => file.sync(),
    stat: file.stat.bind(file) as DiskFile['stat'],
    close: () => file.close(),
  });
  const disk: Disk = {
    ...DISK,
    open: async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      return basename(path).startsWith('journal') ? wrap(file) : file;
    },
  };
  return { disk, trouble, calls };
};

const setUp = async () => {
  const folder = temporaryFolder();
  const { disk, trouble, calls } = badDisk();
  const log = listLog();
  const store = await openIn(folder, { disk, log });
  await store.append('r1', requested);
  calls.length = 0;
  const journal = join(folder, 'journal-000001.jsonl');
  return { folder, journal, store, trouble, calls, lines: log.lines };
};

describe('durability', () => {
  test('an append answers and tells only after its bytes were written and synced', async () => {
    const { store, calls } = await setUp();
    store.subscribe(() => calls.push('told'));
    await store.append('r1', note('a'));
    calls.push('answered');
    expect(calls).toEqual(['write', 'sync', 'told', 'answered']);
    await store.close();
  });

  test('appends that are given together share one write and one sync', async () => {
    const { store, calls } = await setUp();
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((text) => store.append('r1', note(text)).then(() => order.push(text))),
    );
    expect(calls).toEqual(['write', 'sync']);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    await store.close();
  });

  test('appends that arrive during a write share the next one', async () => {
    const { store, calls } = await setUp();
    const first = store.append('r1', note('first'));
    await Promise.resolve();
    await Promise.resolve();
    const others = ['a', 'b', 'c'].map((text) => store.append('r1', note(text)));
    await Promise.all([first, ...others]);
    expect(calls).toEqual(['write', 'sync', 'write', 'sync']);
    expect(notesOf(store)).toEqual(['first', 'a', 'b', 'c']);
    await store.close();
  });
});

describe('a full disk', () => {
  test.each(['write', 'sync'] as const)(
    'at %s: the append rejects, nothing is changed, and the next one works',
    async (step) => {
      const { folder, journal, store, trouble, lines } = await setUp();
      const heard: unknown[] = [];
      store.subscribe((run) => heard.push(run));
      const [before, size] = [store.state(), statSync(journal).size];
      trouble[step] = 'ENOSPC';
      const both = await Promise.allSettled([store.append('r1', note('a')), store.append('r1', note('b'))]);
      expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(both[0]).toMatchObject({
        reason: { message: expect.stringContaining('was not journaled and nothing was changed: ENOSPC') },
      });
      expect([store.state(), statSync(journal).size, heard]).toEqual([before, size, []]);
      await store.append('r1', note('c'));
      await store.close();
      expect(notesOf(store)).toEqual(['c']);
      expect(await verify(folder)).toMatchObject({ ok: true, events: 2 });
      expect(lines).toEqual([]);
    },
  );

  test('really full: what was acknowledged is there after a restart, and nothing else', async () => {
    const place = temporaryFolder();
    mkdirSync(place);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'stackswap-test', place]);
    if (mounted.status !== 0) leaveOut('no right to mount a small tmpfs');
    onTestFinished(() => {
      execFileSync('umount', [place]);
    });
    const folder = join(place, 'state');
    const store = await openIn(folder, { snapshotEvery: 1_000_000 });
    await store.append('r1', requested);
    let refused = 0;
    for (let at = 0; refused < 5; at++) await store.append('r1', note(`note ${at}`)).catch(() => refused++);
    const acknowledged = notesOf(store);
    expect(acknowledged.length).toBeGreaterThan(50);
    await store.close();
    const again = await openIn(folder);
    expect(notesOf(again)).toEqual(acknowledged);
    await again.close();
  });
});

describe('the reserve', () => {
  test('on a disk that really is full carries on what is under way, begins nothing, and is filled again', async () => {
    const place = temporaryFolder();
    mkdirSync(place);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'stackswap-test', place]);
    if (mounted.status !== 0) leaveOut('no right to mount a small tmpfs');
    onTestFinished(() => {
      execFileSync('umount', [place]);
    });
    const folder = join(place, 'state');
    const store = await openIn(folder, { reserveBytes: 256 * 1024 });
    await store.append('r1', requested);
    expect(store.low()).toBe(false);
    expect(() => writeFileSync(join(place, 'somebody-elses'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    for (let at = 0; at < 40; at++) await store.append('r1', note(`${at} ${'x'.repeat(500)}`));
    expect(store.low()).toBe(true);
    await expect(store.append('r2', requested)).rejects.toMatchObject({ code: 'disk-full' });
    await store.append('r1', { kind: 'cancelled', by: erin });
    rmSync(join(place, 'somebody-elses'));
    await store.append('r2', requested);
    expect(store.low()).toBe(false);
    expect(statSync(join(folder, 'reserve')).size).toBe(256 * 1024);
    await store.close();
    expect(await verify(folder)).toMatchObject({ ok: true, events: 43 });
  });

  test('that never had room lets nothing begin, and says so', async () => {
    const folder = temporaryFolder();
    const log = listLog();
    const disk: Disk = {
      ...DISK,
      open: async (path, flags, mode) => {
        const file = await open(path, flags, mode);
        return basename(path) === 'reserve'
          ? { ...handleOf(file), appendFile: () => Promise.reject(errno('ENOSPC')) }
          : file;
      },
    };
    const store = await openIn(folder, { disk, log, reserveBytes: 4_096 });
    await expect(store.append('r1', requested)).rejects.toMatchObject({ code: 'disk-full' });
    expect(log.lines.join()).toContain('no room for the 4096 bytes of reserve');
    await store.close();
  });
});

describe('a failing disk', () => {
  test('after an EIO at sync nothing is written any more', async () => {
    const { folder, journal, store, trouble, calls, lines } = await setUp();
    const size = statSync(journal).size;
    trouble.sync = 'EIO';
    await expect(store.append('r1', note('a'))).rejects.toThrow('EIO');
    calls.length = 0;
    await expect(store.append('r1', note('b'))).rejects.toThrow('takes no more events');
    expect([calls, statSync(journal).size, notesOf(store)]).toEqual([[], size, []]);
    expect(lines.join()).toContain('could not be synced');
    await store.close();
    expect(await verify(folder)).toMatchObject({ ok: true, events: 1 });
  });

  test('after a write that cannot be taken back nothing is written any more', async () => {
    const { store, trouble } = await setUp();
    trouble.write = 'EIO';
    trouble.truncate = 'EIO';
    await expect(store.append('r1', note('a'))).rejects.toThrow('EIO');
    await expect(store.append('r1', note('b'))).rejects.toThrow('could not be cut back');
    await store.close();
  });

  test('a journal that something else wrote to is not written to any more', async () => {
    const { journal, store } = await setUp();
    const foreign = await open(journal, 'a');
    await foreign.appendFile('x');
    await foreign.close();
    await expect(store.append('r1', note('a'))).rejects.toThrow('something else writes to it');
    expect(readFileSync(journal, 'utf8').endsWith('}\nx')).toBe(true);
    await store.close();
  });

  test('a snapshot that cannot be written is logged and loses nothing', async () => {
    const folder = temporaryFolder();
    const log = listLog();
    const disk: Disk = {
      ...DISK,
      open: (path, flags, mode) =>
        basename(path).startsWith('db.json') ? Promise.reject(errno('ENOSPC')) : open(path, flags, mode),
    };
    const store = await openIn(folder, { disk, log });
    await store.append('r1', requested);
    await store.close();
    expect(log.lines.join()).toContain('db.json was not written');
    const again = await openIn(folder);
    expect(Object.keys(again.state().runs)).toEqual(['r1']);
    await again.close();
  });
});
