import type { Entry } from '../run/event.js';
import { reduce } from '../run/reduce.js';
import { lineOf } from './record.js';
import type { Snapshot } from './snapshot.js';
import type { Tape } from './tape.js';

type Waiting = {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

export type CommitOptions = {
  readonly tape: Tape;
  /** Which start of the bot this is, counted from 1. */
  readonly epoch: number;
  readonly data: () => Snapshot;
  /** Called once per durable event, in order. */
  readonly moved: (next: Snapshot, run: string | undefined) => void;
  /** Called once per durable write, which may hold many events. */
  readonly committed: (write: { readonly rotated: boolean }) => void;
};

export type Committer = {
  add(entry: Entry): Promise<void>;
  /** Waits for what is under way and takes no more; `false` when it was closed before. */
  close(): Promise<boolean>;
};

/**
 * Group commit: what arrives while a write is under way goes into the next one, so many events share one sync. Each is
 * tried on the state that all before it lead to, and an illegal one is turned down before anything is written.
 */
export const committer = ({ tape, epoch, data, moved, committed }: CommitOptions): Committer => {
  let waiting: Waiting[] = [];
  let working: Promise<void> | undefined;
  let closed = false;

  const writeBatch = async (batch: readonly Waiting[]): Promise<void> => {
    const legal: { readonly item: Waiting; readonly next: Snapshot; readonly line: string }[] = [];
    let now = data();
    for (const item of batch) {
      try {
        const { line, head } = lineOf(item.entry, now.head, epoch);
        now = { ...now, head, state: reduce(now.state, item.entry) };
        legal.push({ item, next: now, line });
      } catch (error) {
        item.reject(error);
      }
    }
    if (legal.length === 0) return;
    const write = await tape.append(legal.map(({ line }) => line).join('')).catch((error: unknown) => {
      for (const { item } of legal) item.reject(error);
    });
    if (write === undefined) return;
    for (const { item, next } of legal) {
      moved(next, item.entry.run);
      item.resolve();
    }
    committed(write);
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await Promise.resolve();
      const batch = waiting;
      waiting = [];
      await writeBatch(batch);
    }
    working = undefined;
  };

  return {
    add: (entry) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the journal is closed'));
        waiting.push({ entry, resolve, reject });
        working ??= work();
      }),
    close: async () => {
      const first = !closed;
      closed = true;
      await working;
      return first;
    },
  };
};
