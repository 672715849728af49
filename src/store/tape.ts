import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { fileName } from './chain.js';
import { codeOf, type Disk, type DiskFile } from './disk.js';

export type Tape = {
  /** Durable when it resolves; `rotated` when a new file was begun. When it rejects, nothing was added. */
  append(lines: string): Promise<{ readonly rotated: boolean }>;
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
  /** Why this process may not write any more; asked before every write. */
  readonly lost: () => string | undefined;
  readonly log: Pick<Log, 'error'>;
};

/** After these a later write may succeed; after any other failure of a sync the pages may be lost without a word. */
const SPACE: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The append end of the journal. Call `append` again only when the last one has settled. */
export const openTape = async ({
  folder,
  index: first,
  bytes: length,
  limit,
  disk,
  lost,
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
      await cutBack();
      if (!SPACE.includes(codeOf(error)))
        stop(`${fileName(index)} could not be synced (${messageOf(error)})`, error);
      throw error;
    }
  };

  const requireOurs = (): void => {
    const why = lost();
    if (why !== undefined) stop(`another process took over the state folder (${why})`, undefined);
    if (stopped) throw stopped;
  };

  return {
    append: async (lines) => {
      requireOurs();
      const rotated = bytes >= limit;
      try {
        if (rotated) await begin();
        await write(lines);
      } catch (error) {
        if (error === stopped) throw error;
        throw new Error(`The event was not journaled and nothing was changed: ${messageOf(error)}.`, {
          cause: error,
        });
      }
      bytes += Buffer.byteLength(lines);
      return { rotated };
    },
    close: () => file.close(),
  };
};
