import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { Place } from './chain.js';
import { codeOf } from './disk.js';

export const RESERVE_FILE = 'reserve';

/** Room for some ten thousand events: several swaps on many hosts. */
export const RESERVE_BYTES = 8 * 1024 * 1024;

/** The reserve is given back in this many parts: whatever filled the disk may take what is freed at once. */
const PARTS = 64;

/** Errors of a disk that has no room now and may have some later. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '');

export type Reserve = {
  /** Whether less than the whole reserve is kept: then nothing new is begun. */
  low(): boolean;
  /** Gives a part of it back to the disk; false where there is nothing to give. */
  free(): Promise<boolean>;
  /** Makes it whole again; false where the disk has no room for that. */
  fill(): Promise<boolean>;
};

/**
 * Bytes that are kept so that a run which is under way when the disk gets full can still write what it does. Random, so
 * that a file system that compresses keeps them too.
 */
export const openReserve = async (
  { disk, folder }: Place,
  { bytes, log }: { readonly bytes: number; readonly log: Pick<Log, 'warn'> },
): Promise<Reserve> => {
  const path = join(folder, RESERVE_FILE);
  let kept = 0;
  let filling: Promise<boolean> | undefined;

  const cutTo = async (length: number): Promise<void> => {
    const file = await disk.open(path, 'r+');
    try {
      await file.truncate(length);
    } finally {
      await file.close();
    }
    kept = length;
  };
  const fillOnce = async (): Promise<boolean> => {
    const file = await disk.open(path, 'a', 0o600);
    try {
      kept = (await file.stat()).size;
      if (kept < bytes) await file.appendFile(randomBytes(bytes - kept));
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.syncFolder(folder);
    kept = Math.max(kept, bytes);
    return true;
  };
  const fill = async (): Promise<boolean> => {
    if (kept >= bytes) return true;
    try {
      return await fillOnce();
    } catch (error) {
      log.warn({ err: messageOf(error) }, `no room for the ${bytes} bytes of ${RESERVE_FILE}`);
      // What was written beyond the part that was kept goes back: others need it more.
      if (isFull(error)) await cutTo(kept);
      return false;
    }
  };

  await fill();
  return {
    low: () => kept < bytes,
    free: async () => {
      if (kept === 0) return false;
      await cutTo(Math.max(0, kept - Math.ceil(bytes / PARTS)));
      return true;
    },
    fill: () => {
      filling ??= fill().finally(() => {
        filling = undefined;
      });
      return filling;
    },
  };
};
