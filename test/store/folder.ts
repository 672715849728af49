import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/store.js';

/** A log that keeps its lines. */
export const listLog = () => {
  const lines: string[] = [];
  const add = (...parts: unknown[]) => {
    lines.push(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '));
  };
  return { lines, warn: add, error: add };
};

/** A folder that is gone after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state');
};

export const openIn = (folder: string, options: Partial<StoreOptions> = {}) =>
  openStore({ folder, log: listLog(), reserveBytes: 0, ...options });

/** Texts of a run's notes, as the state holds them. */
export const notesOf = (
  journal: { state(): { runs: Readonly<Record<string, { notes: readonly { text: string }[] }>> } },
  run = 'r1',
) => journal.state().runs[run]?.notes.map(({ text }) => text) ?? [];
