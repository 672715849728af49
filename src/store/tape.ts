import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { fileName } from './chain.js';
import type { Disk, DiskFile } from './disk.js';
import { isFull, type Reserve } from './reserve.js';

export type Tape = {
  /** Durable when it resolves; `rotated` when a new file was begun. When it rejects, nothing was added. */
  append(lines: string): Promise<{ readonly rotated: boolean }>;
  /** Why this process may not write any more; `undefined` where that cannot be told this time. */
  lost(): string | undefined;
  close(): Promise<void>;
};

export type TapeStart = {
  readonly folder: string;
  /** Number of the file that is written to, from 1. */
  readonly index: number;
  /** Its length up to the last good record. */
  readonly bytes: number;
  /** Length in bytes after which the next file is begun. */
  readonly limit: number;
  readonly disk: Disk;
  /** Why this process may not write any more; asked before every write. Throws where that cannot be told this time. */
  readonly lost: () => string | undefined;
  /** Is drawn upon where the disk is full. */
  readonly reserve: Pick<Reserve, 'free'>;
  readonly log: Pick<Log, 'warn' | 'error'>;
};

/** The append end of the journal. Call `append` again only when the last one has settled. */
export const openTape = async ({
  folder,
  index: first,
  bytes: length,
  limit,
  disk,
  lost,
  reserve,
  log,
}: TapeStart): Promise<Tape> => {
  let index = first;
  let bytes = length;
  let file: DiskFile = await disk.open(join(folder, fileName(index)), 'a', 0o600);
  let stopped: Error | undefined;

  const stop = (why: string, cause: unknown): void => {
    stopped ??= new Error(`The journal takes no more events: ${why}. Mend the disk and restart.`, { cause });
    log.error({ err: cause }, stopped.message);
  };

  const begin = async (): Promise<void> => {
    const next = await disk.open(join(folder, fileName(index + 1)), 'a', 0o600);
    await disk.syncFolder(folder);
    const full = file;
    [file, index, bytes] = [next, index + 1, 0];
    await full.close();
  };

  const cutBack = async (): Promise<void> => {
    try {
      await file.truncate(bytes);
      if (!stopped) await file.datasync();
    } catch (error) {
      stop(`${fileName(index)} could not be cut back to its last good record (${messageOf(error)})`, error);
    }
  };

  const write = async (lines: string): Promise<void> => {
    const { size } = await file.stat();
    if (size !== bytes) {
      stop(
        `${fileName(index)} has ${size} bytes where this process left ${bytes}: something else writes to it`,
        undefined,
      );
      throw stopped;
    }
    try {
      await file.appendFile(lines);
    } catch (error) {
      await cutBack();
      throw error;
    }
    try {
      await file.datasync();
    } catch (error) {
      // After any other failure than a full disk the pages may be lost without a word: no later sync is believed.
      if (!isFull(error)) stop(`${fileName(index)} could not be synced (${messageOf(error)})`, error);
      await cutBack();
      throw error;
    }
  };

  const writeOrRotate = async (lines: string): Promise<void> => {
    if (bytes >= limit) await begin();
    await write(lines);
  };

  /** A full disk is given parts of the reserve until the events fit. */
  const drawing = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (stopped || !isFull(error) || !(await reserve.free())) throw error;
      log.warn(
        { err: messageOf(error) },
        'the disk is full: a part of the reserve was given back to write on',
      );
      await drawing(work);
    }
  };

  const notNow = (error: unknown): Error =>
    new Error(`The event was not journaled and nothing was changed: ${messageOf(error)}.`, { cause: error });

  const whyLost = (): string | undefined => {
    try {
      return lost();
    } catch (error) {
      // An error of the disk says nothing of another process; the next event may be written again.
      throw notNow(error);
    }
  };

  const requireOurs = (): void => {
    const why = whyLost();
    if (why !== undefined) stop(`another process took over the state folder (${why})`, undefined);
    if (stopped) throw stopped;
  };

  return {
    lost: () => {
      try {
        return lost();
      } catch {
        return undefined;
      }
    },
    append: async (lines) => {
      requireOurs();
      const before = index;
      try {
        await drawing(() => writeOrRotate(lines));
      } catch (error) {
        if (error === stopped) throw error;
        throw notNow(error);
      }
      bytes += Buffer.byteLength(lines);
      return { rotated: index > before };
    },
    close: () => file.close(),
  };
};
