/** Bytes as a process sees them, and as they are kept when the power goes: after a failed sync the two differ. */
type Chunk = { readonly seen: Buffer; readonly kept: Buffer };

type Change = Chunk | { readonly truncateTo: number };

export type Content = {
  size(): number;
  read(): Buffer;
  append(bytes: Buffer): void;
  truncate(length: number): void;
  sync(): void;
  /**
   * What Linux does with an error of writeback: the pages count as written, the process still sees them, and whether
   * they are on the disk is unknown for ever.
   */
  syncFails(random: () => number): void;
  /** The power goes: what was not synced is lost wholly, or from any byte on. */
  cutPower(random: () => number): void;
};

const cutTo = (chunks: readonly Chunk[], length: number): Chunk[] => [
  {
    seen: Buffer.concat(chunks.map(({ seen }) => seen)).subarray(0, length),
    kept: Buffer.concat(chunks.map(({ kept }) => kept)).subarray(0, length),
  },
];

const applied = (chunks: readonly Chunk[], changes: readonly Change[]): Chunk[] => {
  let now = [...chunks];
  for (const change of changes) {
    if ('truncateTo' in change) now = cutTo(now, change.truncateTo);
    else now.push(change);
  }
  return now;
};

const lengthOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { seen }) => sum + seen.length, 0);

/** The first of the changes, as many as chance has it; the last of them may be torn at any byte. */
const someOf = (changes: readonly Change[], random: () => number): Change[] => {
  const whole = Math.floor(random() * (changes.length + 1));
  const torn = changes[whole];
  if (!torn || 'truncateTo' in torn) return changes.slice(0, whole);
  const bytes = Math.floor(random() * torn.seen.length);
  return [
    ...changes.slice(0, whole),
    { seen: torn.seen.subarray(0, bytes), kept: torn.kept.subarray(0, bytes) },
  ];
};

/** The content of a simulated file, of which only what was synced is sure to outlive the power. */
export const emptyContent = (): Content => {
  let synced: Chunk[] = [];
  let pending: Change[] = [];
  const now = () => applied(synced, pending);
  return {
    size: () => lengthOf(now()),
    read: () => Buffer.concat(now().map(({ seen }) => seen)),
    append: (bytes) => {
      const copy = Buffer.from(bytes);
      pending.push({ seen: copy, kept: copy });
    },
    truncate: (length) => {
      pending.push({ truncateTo: length });
    },
    sync: () => {
      [synced, pending] = [now(), []];
    },
    syncFails: (random) => {
      const doubtful = pending.map((change) =>
        'truncateTo' in change || random() < 0.5
          ? change
          : { seen: change.seen, kept: Buffer.alloc(change.seen.length) },
      );
      [synced, pending] = [applied(synced, doubtful), []];
    },
    cutPower: (random) => {
      const left = applied(synced, someOf(pending, random));
      [synced, pending] = [left.map(({ kept }) => ({ seen: kept, kept })), []];
    },
  };
};
