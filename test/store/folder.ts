import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fingerprintOf } from '../../src/plan/plan.js';
import type { RunEvent } from '../../src/run/event.js';
import { openStore, type StoreOptions } from '../../src/store/store.js';
import { erin, samplePlan } from '../builders.js';

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
  openStore({ folder, log: listLog(), ...options });

const plan = samplePlan({ steps: [], finalize: [], hazards: [] });

/** A small request, so that a journal is a few kilobytes. */
export const requested: RunEvent = {
  kind: 'requested',
  plan,
  fingerprint: fingerprintOf(plan),
  by: erin,
  quorum: 1,
  requesterCounts: false,
  expiresAt: '2026-11-22T10:30:00.000Z',
  onFailure: 'roll-back',
};

export const note = (text: string): RunEvent => ({ kind: 'noted', text });

/** Texts of a run's notes, as the state holds them. */
export const notesOf = (
  journal: { state(): { runs: Readonly<Record<string, { notes: readonly { text: string }[] }>> } },
  run = 'r1',
) => journal.state().runs[run]?.notes.map(({ text }) => text) ?? [];
