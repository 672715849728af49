import { z } from 'zod';
import type { CloudEvent, Entry, RunEvent } from '../run/event.js';
import { seal } from './seal.js';

/** Raised whenever a journal written by this program could not be read by an older one. */
export const RECORD_VERSION = 1;

/** `prev` of the first record. */
export const GENESIS = '0'.repeat(64);

/** The end of the chain: number and hash of the newest record. */
export type Head = { readonly seq: number; readonly hash: string };

export const START: Head = { seq: 0, hash: GENESIS };

/** Every kind of event; one that is missing here does not compile. */
const KINDS: Record<RunEvent['kind'] | CloudEvent['kind'], true> = {
  requested: true,
  approved: true,
  withdrawn: true,
  'broke-glass': true,
  reviewed: true,
  'review-due': true,
  rejected: true,
  cancelled: true,
  abandoned: true,
  expired: true,
  voided: true,
  started: true,
  'step-started': true,
  call: true,
  'call-ended': true,
  created: true,
  'stand-in': true,
  'config-kept': true,
  ready: true,
  pulled: true,
  revision: true,
  migrated: true,
  health: true,
  downtime: true,
  'step-done': true,
  'step-failed': true,
  noted: true,
  asked: true,
  interrupted: true,
  resumed: true,
  rollback: true,
  undone: true,
  'kept-log': true,
  'rolled-back': true,
  stuck: true,
  upgraded: true,
  'finalize-approved': true,
  finalizing: true,
  'finalize-failed': true,
  finalized: true,
  failed: true,
  bystanders: true,
  compared: true,
  anchored: true,
  posted: true,
  watching: true,
  'services-asked': true,
  held: true,
  unheld: true,
};

/** Loose on purpose: the reducer judges an event, this only says that it is one. */
const recordSchema = z.looseObject({
  v: z.number().int(),
  seq: z.number().int(),
  epoch: z.number().int().optional(),
  at: z.string(),
  run: z.string().optional(),
  event: z.looseObject({ kind: z.string() }),
  prev: z.string(),
});

export type Read = {
  readonly entry: Entry;
  readonly seq: number;
  /** Which start of the bot wrote it, counted from 1; 0 where starts were not counted yet. */
  readonly epoch: number;
  readonly prev: string;
};

/** A record as one JSON line: `{v, seq, epoch, at, run?, event, prev, h}`, chained to the one before by `prev`. */
export const lineOf = (
  entry: Entry,
  before: Head,
  epoch?: number,
): { readonly line: string; readonly head: Head } => {
  const seq = before.seq + 1;
  const { at, run, event } = entry;
  const { text, hash } = seal({ v: RECORD_VERSION, seq, epoch, at, run, event, prev: before.hash });
  return { line: `${text}\n`, head: { seq, hash } };
};

/** Why a verified line cannot be read; `newer`: because it was written by a later version. */
export type Unreadable = { readonly why: string; readonly newer: boolean };

/** What a verified line says. */
export const readRecord = (body: unknown): Read | Unreadable => {
  const parsed = recordSchema.safeParse(body);
  if (!parsed.success) return { why: 'it is not a record of this journal', newer: false };
  const { v, seq, epoch = 0, at, run, event, prev } = parsed.data;
  if (v > RECORD_VERSION)
    return {
      why: `it was written by a newer Stackswap (record version ${v}, this one reads ${RECORD_VERSION})`,
      newer: true,
    };
  if (!Object.hasOwn(KINDS, event.kind))
    return { why: `its kind "${event.kind}" is unknown to this version of Stackswap`, newer: true };
  return { entry: { at, ...(run === undefined ? {} : { run }), event } as Entry, seq, epoch, prev };
};
