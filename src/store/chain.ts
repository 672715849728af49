import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Entry } from '../run/event.js';
import type { Disk } from './disk.js';
import { type Head, readRecord, START } from './record.js';
import { unseal } from './seal.js';

/** The first place at which the journal does not verify. `line` counts from 1. */
export class Damage extends Error {
  override readonly name = 'Damage';
  constructor(
    readonly file: string,
    readonly line: number,
    readonly seq: number,
    readonly why: string,
    /** Nothing is broken: a later version of Stackswap wrote it. */
    readonly newer = false,
  ) {
    super(`${file}, line ${line} (seq ${seq}): ${why}`);
  }
}

export type Chain = {
  readonly files: readonly string[];
  readonly head: Head;
  /** Of the newest record; no record bears a higher one. */
  readonly epoch: number;
  /** Bytes of the last file up to its last good record, newline included. */
  readonly bytes: number;
  /** Good lines in the last file. */
  readonly lines: number;
  /** What a write that was cut off left at the end; such a record was never acknowledged. */
  readonly torn?: { readonly file: string; readonly line: number; readonly bytes: number };
};

export const fileName = (index: number): string => `journal-${String(index).padStart(6, '0')}.jsonl`;

/** Journal files in order; empty where there are none. */
export const journalFiles = async (disk: Disk, folder: string): Promise<string[]> => {
  const names = (await disk.readdir(folder)).filter((name) => /^journal-\d{6,}\.jsonl$/.test(name));
  return names.sort((a, b) => Number.parseInt(a.slice(8), 10) - Number.parseInt(b.slice(8), 10));
};

/** A state folder and the disk that it lies on. */
export type Place = { readonly disk: Disk; readonly folder: string };

/** Reads the whole chain, oldest first. Throws `Damage` at the first record that does not verify. */
export const readChain = async (
  { disk, folder }: Place,
  visit: (entry: Entry, head: Head) => void,
): Promise<Chain> => {
  const files = await journalFiles(disk, folder);
  let head = START;
  let epoch = 0;
  let end: Omit<Chain, 'files' | 'head' | 'epoch'> = { bytes: 0, lines: 0 };
  for (const [index, file] of files.entries()) {
    if (file !== fileName(index + 1))
      throw new Damage(fileName(index + 1), 1, head.seq + 1, 'the file is missing');
    const read = readFileOf({ file, content: await disk.readFile(join(folder, file)), head, epoch }, visit);
    if (read.torn && index < files.length - 1)
      throw new Damage(file, read.torn.line, read.head.seq + 1, 'the line has no end');
    ({ head, epoch } = read);
    end = { bytes: read.bytes, lines: read.lines, ...(read.torn ? { torn: read.torn } : {}) };
  }
  return { files, head, epoch, ...end };
};

type Source = {
  readonly file: string;
  readonly content: Buffer;
  readonly head: Head;
  readonly epoch: number;
};

const readFileOf = ({ file, content, ...before }: Source, visit: (entry: Entry, head: Head) => void) => {
  let { head, epoch } = before;
  let start = 0;
  let line = 1;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, start)) {
    ({ head, epoch } = readLine({ file, line, head, epoch, bytes: content.subarray(start, end) }, visit));
    start = end + 1;
    line += 1;
  }
  const rest = content.subarray(start);
  const torn = rest.length > 0 ? { file, line, bytes: rest.length } : undefined;
  if (torn && !couldBeTorn(rest))
    throw new Damage(file, line, head.seq + 1, 'the record is complete but its end was altered');
  return { head, epoch, bytes: start, lines: line - 1, torn };
};

/** A write that was cut off leaves a beginning. A whole record with anything else behind it than a newline was altered. */
const couldBeTorn = (rest: Buffer): boolean => !/,"h":"[0-9a-f]{64}"\}[\s\S]/.test(rest.toString('latin1'));

type Line = {
  readonly file: string;
  readonly line: number;
  readonly head: Head;
  readonly epoch: number;
  readonly bytes: Buffer;
};

type Mark = Pick<Line, 'head' | 'epoch'>;

const readLine = (
  { file, line, head, epoch, bytes }: Line,
  visit: (entry: Entry, head: Head) => void,
): Mark => {
  const expected = head.seq + 1;
  const damaged = (why: string) => new Damage(file, line, expected, why);
  const sealed = unseal(bytes);
  if (!sealed) throw damaged('the record does not fit its own hash');
  const record = readRecord(sealed.body);
  if ('why' in record) throw new Damage(file, line, expected, record.why, record.newer);
  if (record.seq !== expected)
    throw damaged(`the record bears the number ${record.seq}: records are missing or out of order`);
  if (record.prev !== head.hash) throw damaged('the record does not follow the one before it');
  if (record.epoch < epoch)
    throw damaged(
      `it is of epoch ${record.epoch} behind one of ${epoch}: a process wrote that had been replaced`,
    );
  const next = { seq: record.seq, hash: sealed.hash };
  try {
    visit(record.entry, next);
  } catch (error) {
    throw error instanceof Damage
      ? error
      : damaged(`the event cannot follow those before it: ${messageOf(error)}`);
  }
  return { head: next, epoch: record.epoch };
};
