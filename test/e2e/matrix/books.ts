import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const record = z.object({
  run: z.string().optional(),
  event: z.looseObject({ kind: z.string(), op: z.string().optional(), target: z.string().optional() }),
});

export type Line = z.infer<typeof record>;

/** All records of a state folder, in their order. */
export const linesIn = (folder: string): readonly Line[] =>
  readdirSync(folder)
    .filter((name) => /^journal-\d+\.jsonl$/.test(name))
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean))
    .map((text) => record.parse(JSON.parse(text)));

/** Calls of which nobody heard again: neither their end is journaled, nor that the bot died over them. */
export const unended = (lines: readonly Line[]): string[] => {
  const open = new Map<string, string>();
  for (const { run = '', event } of lines) {
    const key = `${run} ${event.op} ${event.target}`;
    if (event.kind === 'call') open.set(key, run);
    if (event.kind === 'call-ended') open.delete(key);
    if (event.kind === 'interrupted') for (const [other, of] of open) if (of === run) open.delete(other);
  }
  return [...open.keys()].map((key) => `the journal never says what became of ${key}`);
};

const ENDS: readonly string[] = [
  'rejected',
  'cancelled',
  'abandoned',
  'expired',
  'voided',
  'rolled-back',
  'stuck',
  'upgraded',
  'finalized',
  'failed',
];

const GOES_ON: readonly string[] = ['rollback', 'resumed', 'finalizing'];

/** Ends of runs after which the head of the journal was not written down. A journal without a run needs none. */
export const unanchored = (lines: readonly Line[]): string[] => {
  const waiting = new Map<string, string>();
  for (const { run = '', event } of lines) {
    if (ENDS.includes(event.kind)) waiting.set(run, event.kind);
    if (event.kind === 'anchored' || GOES_ON.includes(event.kind)) waiting.delete(run);
  }
  return [...waiting].map(([run, end]) => `no head of the journal was written down when ${run} was ${end}`);
};
