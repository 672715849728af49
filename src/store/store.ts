import { join, resolve } from 'node:path';
import { Low } from 'lowdb';
import { Refusal } from '../errors.js';
import type { Log } from '../log.js';
import type { Redactor } from '../redact.js';
import type { Journal } from '../run/journal.js';
import { type Chain, Damage, fileName, journalFiles, type Place } from './chain.js';
import { committer } from './commit.js';
import { DISK, type Disk } from './disk.js';
import { entryOf, PLAIN } from './entry.js';
import { eventsIn } from './events-of.js';
import { secureFolder, syncAncestors } from './folder.js';
import { listeners } from './listeners.js';
import { type Lock, type TakeLock, takeLock } from './lock.js';
import { chainWithAnchor } from './recover.js';
import { openReserve, RESERVE_BYTES } from './reserve.js';
import { requireRoom } from './room.js';
import { EMPTY_SNAPSHOT, removeTemporaries, SNAPSHOT_FILE, type Snapshot } from './snapshot.js';
import { openTape } from './tape.js';

export type StoreOptions = {
  readonly folder: string;
  readonly log: Pick<Log, 'warn' | 'error'>;
  /** Applied to every event before it is hashed and written. */
  readonly redact?: Pick<Redactor, 'redactDeep'>;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Bytes after which the next journal file is begun. */
  readonly fileLimit?: number;
  /** Events between two snapshots. */
  readonly snapshotEvery?: number;
  /** Bytes that are kept for what is under way when the disk gets full. */
  readonly reserveBytes?: number;
  readonly disk?: Disk;
  readonly lock?: TakeLock;
};

export type Store = Journal;

/**
 * Opens the state folder: takes its lock, verifies every record, folds the state. Refuses with `state-locked` where
 * another process holds it, and with `state-damaged`, naming file, line and number, where anything but a cut-off last
 * write does not verify. What is acknowledged after that survives kill -9 and power cuts.
 */
export const openStore = async (options: StoreOptions): Promise<Store> => {
  const { folder, log, disk = DISK, lock: take = takeLock } = options;
  await secureFolder({ disk, folder }, log);
  const lock = await take({ folder, log });
  try {
    return await openLocked(options, lock);
  } catch (error) {
    await lock.release();
    throw error instanceof Damage ? damaged(folder, error) : error;
  }
};

const damaged = (folder: string, { message, newer }: Damage): Refusal =>
  newer
    ? new Refusal(
        'state-newer',
        `The journal in ${folder} cannot be read by this version: ${message}.`,
        'Nothing was changed. Start the newer Stackswap again that wrote it.',
      )
    : new Refusal(
        'state-damaged',
        `The journal in ${folder} does not verify: ${message}.`,
        'Nothing was changed. Put back the folder from a backup, or see docs/refusals.md, state-damaged.',
      );

const openLocked = async (options: StoreOptions, lock: Lock): Promise<Store> => {
  const {
    folder,
    log,
    disk = DISK,
    redact = PLAIN,
    clock = Date.now,
    fileLimit = 64 * 1024 * 1024,
    snapshotEvery = 1_000,
    reserveBytes = RESERVE_BYTES,
  } = options;
  const place = { disk, folder };
  await beginOrFind(place, lock);
  await removeTemporaries(place);
  const { chain, data, adapter, replayed } = await chainWithAnchor(place);
  if (adapter.thrownAway)
    log.warn(`${SNAPSHOT_FILE} is not used (${adapter.thrownAway}): the journal was replayed from its start`);
  await settle(place, chain, log);
  const epoch = Math.max(chain.epoch, lock.epoch) + 1;
  lock.mark(epoch);

  const db = new Low<Snapshot>(adapter, EMPTY_SNAPSHOT);
  db.data = data;
  let saved = chain.head.seq - replayed;
  const save = async (): Promise<void> => {
    const { seq } = db.data.head;
    try {
      await db.write();
      saved = seq;
    } catch (error) {
      log.warn({ err: error }, `${SNAPSHOT_FILE} was not written; the journal holds everything`);
    }
  };
  if (replayed > 0) await save();
  const reserve = await openReserve(place, { bytes: reserveBytes, log });

  const told = listeners(log);
  let saving: Promise<void> | undefined;
  const tape = await openTape({
    folder,
    index: chain.files.length,
    bytes: chain.bytes,
    limit: fileLimit,
    disk,
    lost: lock.lost,
    reserve,
    log,
  });
  const commit = committer({
    tape,
    epoch,
    data: () => db.data,
    moved: (next, run) => {
      db.data = next;
      told.tell(run);
    },
    committed: ({ rotated }) => {
      if (reserve.low()) return;
      const due = saved === 0 || rotated || db.data.head.seq - saved >= snapshotEvery;
      if (due)
        saving ??= save().finally(() => {
          saving = undefined;
        });
    },
  });

  return {
    state: () => db.data.state,
    head: () => db.data.head,
    low: reserve.low,
    lost: tape.lost,
    append: async (run, event) => {
      if (reserve.low()) await requireRoom(event, { folder, reserve });
      return commit.add(entryOf({ run, event }, clock(), redact));
    },
    appendCloud: async (event) => commit.add(entryOf({ event }, clock(), redact)),
    subscribe: told.add,
    eventsOf: (run) => eventsIn(place, run, db.data.head.seq),
    close: async () => {
      if (!(await commit.close())) return;
      await saving;
      if (db.data.head.seq > saved) await save();
      await tape.close();
      await lock.release();
    },
  };
};

/** The first file is made before `LOCK` bears a pid, so that a missing journal never passes for a fresh start. */
const beginOrFind = async ({ disk, folder }: Place, lock: Lock): Promise<void> => {
  const first = fileName(1);
  if ((await journalFiles(disk, folder)).length > 0) return;
  const snapshot = (await disk.readdir(folder)).includes(SNAPSHOT_FILE);
  if (snapshot || lock.used)
    throw new Damage(
      first,
      1,
      1,
      `the file is missing, but ${snapshot ? SNAPSHOT_FILE : 'LOCK'} shows that there was one`,
    );
  await syncAncestors(disk, resolve(folder));
  const file = await disk.open(join(folder, first), 'ax', 0o600);
  await file.sync();
  await file.close();
  await disk.syncFolder(folder);
};

/**
 * A killed process may have left records that were read just now and are not on the disk yet: whoever sees them must be
 * able to rely on them, so they are synced before anything is built on them. What was cut off is cut away.
 */
const settle = async (
  { disk, folder }: Place,
  { files, torn, bytes, head }: Chain,
  log: Pick<Log, 'warn'>,
): Promise<void> => {
  const file = await disk.open(join(folder, files.at(-1) ?? fileName(1)), 'r+');
  try {
    if (torn) await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncFolder(folder);
  if (!torn) return;
  log.warn(
    { file: torn.file, line: torn.line, bytes: torn.bytes, seq: head.seq },
    'cut the beginning of a record that was never acknowledged',
  );
};
