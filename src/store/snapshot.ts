import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import { z } from 'zod';
import { EMPTY, REDUCER_VERSION, type State } from '../run/run.js';
import type { Place } from './chain.js';
import { codeOf } from './disk.js';
import { type Head, START } from './record.js';
import { seal, unseal } from './seal.js';

/** What lowdb holds and writes: the fold of the journal up to `head`. */
export type Snapshot = { readonly version: number; readonly head: Head; readonly state: State };

export const EMPTY_SNAPSHOT: Snapshot = { version: REDUCER_VERSION, head: START, state: EMPTY };

export const SNAPSHOT_FILE = 'db.json';

const snapshotSchema = z.looseObject({
  version: z.number().int(),
  head: z.object({ seq: z.number().int(), hash: z.string() }),
  state: z.looseObject({ runs: z.record(z.string(), z.unknown()), holds: z.record(z.string(), z.unknown()) }),
});

/**
 * lowdb's own JSONFile never syncs and writes mode 0644, so power cuts lose acknowledged data. This adapter writes a
 * temporary file, syncs it, renames it and syncs the folder. A snapshot is only a cache: one that is damaged or of
 * another reducer is not read, and the journal is replayed from its start.
 */
export class SnapshotAdapter implements Adapter<Snapshot> {
  /** Where the journal stood when the snapshot was made; the journal may not be shorter. Known for old versions, too. */
  anchor: Head | undefined;
  /** Why the last read gave nothing although there was a file. */
  thrownAway: string | undefined;

  constructor(private readonly place: Place) {}

  async read(): Promise<Snapshot | null> {
    const { disk, folder } = this.place;
    const content = await disk.readFile(join(folder, SNAPSHOT_FILE)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (content === undefined) return null;
    const parsed = snapshotSchema.safeParse(unseal(content)?.body);
    if (!parsed.success) {
      this.thrownAway = 'it is damaged';
      return null;
    }
    const { version, head, state } = parsed.data;
    this.anchor = head;
    if (version === REDUCER_VERSION) return { version, head, state: state as State };
    this.thrownAway = `it is of version ${version}, this Stackswap folds version ${REDUCER_VERSION}`;
    return null;
  }

  async write({ version, head, state }: Snapshot): Promise<void> {
    const { disk, folder } = this.place;
    const { text } = seal({ version, head, state });
    const temporary = join(folder, `${SNAPSHOT_FILE}.${process.pid}.tmp`);
    try {
      const file = await disk.open(temporary, 'w', 0o600);
      try {
        await file.appendFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await disk.rename(temporary, join(folder, SNAPSHOT_FILE));
    } catch (error) {
      await disk.rm(temporary);
      throw error;
    }
    await disk.syncFolder(folder);
  }
}

/** Removes what a killed process left of a snapshot; only for the holder of the lock. */
export const removeTemporaries = async ({ disk, folder }: Place): Promise<void> => {
  const left = (await disk.readdir(folder)).filter((name) => /^db\.json\.\d+\.tmp$/.test(name));
  await Promise.all(left.map((name) => disk.rm(join(folder, name))));
};
