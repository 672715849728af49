import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sweepSpecs, wantedSpecs } from '../../src/app/kept-specs.js';
import { EMPTY } from '../../src/run/run.js';
import { type Blobs, blobsIn, memoryBlobs } from '../../src/store/blobs.js';
import { DISK } from '../../src/store/disk.js';
import { memoryJournal } from '../../src/store/memory.js';
import { runAt } from '../builders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackswap-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const TEXT = '{"Env":["PASSWORD=not-a-real-one"]}';

describe.each<[string, () => Blobs]>([
  ['a folder', () => blobsIn(folder)],
  ['memory', memoryBlobs],
])('blobs in %s', (_name, open) => {
  test('are found by their name, and equal texts are kept once', async () => {
    const blobs = open();
    const name = await blobs.keep(TEXT);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await blobs.keep(TEXT)).toBe(name);
    expect(await blobs.read(name)).toBe(TEXT);
    expect(await blobs.sweep(new Set())).toBe(1);
    expect(await blobs.read(name)).toBeUndefined();
  });

  test('that are wanted stay', async () => {
    const blobs = open();
    const [one, other] = [await blobs.keep('one'), await blobs.keep('other')];
    expect(await blobs.sweep(new Set([one]))).toBe(1);
    expect([await blobs.read(one), await blobs.read(other)]).toEqual(['one', undefined]);
  });
});

describe('blobs in a folder', () => {
  test('can be read by nobody else, whatever the folder was before', async () => {
    const name = await blobsIn(folder).keep(TEXT);
    chmodSync(join(folder, 'blobs'), 0o755);
    await blobsIn(folder).keep('another');
    expect(modeOf(join(folder, 'blobs'))).toBe('700');
    for (const file of readdirSync(join(folder, 'blobs')))
      expect(modeOf(join(folder, 'blobs', file))).toBe('600');
    expect(existsSync(join(folder, 'blobs', name))).toBe(true);
  });

  test('that were damaged or cut are not believed, and are written anew', async () => {
    const blobs = blobsIn(folder);
    const name = await blobs.keep(TEXT);
    for (const broken of ['', TEXT.slice(0, 9), TEXT.replace('a', 'b')]) {
      writeFileSync(join(folder, 'blobs', name), broken);
      expect(await blobs.read(name)).toBeUndefined();
      expect(await blobs.keep(TEXT)).toBe(name);
      expect(await blobs.read(name)).toBe(TEXT);
    }
  });

  test('are asked for by hashes only', async () => {
    writeFileSync(join(folder, 'outside'), 'x');
    for (const name of ['../outside', '', '.', `${'0'.repeat(63)}/`, 'A'.repeat(64)])
      expect(await blobsIn(folder).read(name)).toBeUndefined();
  });

  test('that the disk does not take throw, leave no half behind that is believed, and are kept at the next try', async () => {
    const full = {
      ...DISK,
      open: async (...args: Parameters<typeof DISK.open>) => {
        const file = await DISK.open(...args);
        return {
          ...file,
          sync: () => file.sync(),
          close: () => file.close(),
          appendFile: async (text: string | Buffer) => {
            await file.appendFile(text.slice(0, 5));
            throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          },
        };
      },
    };
    await expect(blobsIn(folder, full).keep(TEXT)).rejects.toThrow('no space left');
    const blobs = blobsIn(folder);
    const name = await blobs.keep(TEXT);
    expect(await blobs.read(name)).toBe(TEXT);
    expect(await blobs.sweep(new Set([name]))).toBe(0);
    expect(readdirSync(join(folder, 'blobs'))).toEqual([name]);
  });
});

describe('configurations of old containers', () => {
  const DAY = 86_400_000;
  const spec = 'ab'.repeat(32);
  const withSpec = (phase: Parameters<typeof runAt>[0]) => {
    const run = runAt(phase);
    return { ...run, steps: run.steps.map((step, index) => (index === 4 ? { ...step, spec } : step)) };
  };
  const wantedAfter = (phase: Parameters<typeof runAt>[0], days: number): boolean => {
    const run = withSpec(phase);
    return wantedSpecs({ ...EMPTY, runs: { r1: run } }, Date.parse(run.lastEventAt) + days * DAY).has(spec);
  };

  test('are kept while there is a way back, however old the run is', () => {
    for (const phase of ['running', 'paused', 'stuck', 'upgraded', 'finalize-failed'] as const)
      expect([phase, wantedAfter(phase, 900)]).toEqual([phase, true]);
  });

  test('are kept for 30 days after the end of their run', () => {
    for (const phase of ['finalized', 'rolled-back', 'failed', 'abandoned'] as const)
      expect([phase, wantedAfter(phase, 29), wantedAfter(phase, 31)]).toEqual([phase, true, false]);
  });

  test('that cannot be removed are said, and keep nobody from starting', async () => {
    const said: unknown[] = [];
    const blobs: Blobs = { ...memoryBlobs(), sweep: () => Promise.reject(new Error('EACCES')) };
    await sweepSpecs(blobs, {
      journal: memoryJournal(),
      now: 0,
      log: { warn: (...words: unknown[]) => said.push(words) },
    });
    expect(said).toEqual([[{ err: 'EACCES' }, 'old configurations could not be removed from blobs']]);
  });
});
