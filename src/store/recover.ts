import type { Entry } from '../run/event.js';
import { reduce } from '../run/reduce.js';
import { type Chain, Damage, fileName, type Place, readChain } from './chain.js';
import type { Head } from './record.js';
import { EMPTY_SNAPSHOT, SNAPSHOT_FILE, type Snapshot, SnapshotAdapter } from './snapshot.js';

export type Recovered = {
  readonly chain: Chain;
  readonly data: Snapshot;
  readonly adapter: SnapshotAdapter;
  /** Events that the snapshot did not hold. */
  readonly replayed: number;
};

/**
 * Verifies every record, folds those behind the snapshot, and checks that the journal holds what the snapshot was made
 * from. Throws `Damage`.
 */
export const chainWithAnchor = async (
  place: Place,
  seen: (head: Head, entry: Entry) => void = () => undefined,
): Promise<Recovered> => {
  const adapter = new SnapshotAdapter(place);
  const base = (await adapter.read()) ?? EMPTY_SNAPSHOT;
  const { anchor } = adapter;
  let data = base;
  const chain = await readChain(place, (entry, head) => {
    seen(head, entry);
    if (head.seq === anchor?.seq && head.hash !== anchor.hash)
      throw new Error(`${SNAPSHOT_FILE} was made from another record with this number`);
    if (head.seq > base.head.seq) data = { ...data, head, state: reduce(data.state, entry) };
  });
  if (anchor && anchor.seq > chain.head.seq) {
    const file = chain.files.at(-1) ?? fileName(1);
    const why = `the journal ends here, but ${SNAPSHOT_FILE} was made from ${anchor.seq} records`;
    throw new Damage(file, chain.lines + 1, chain.head.seq + 1, why);
  }
  return { chain, data, adapter, replayed: chain.head.seq - base.head.seq };
};
