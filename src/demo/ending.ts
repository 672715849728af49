import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';

const CLOSE_WITHIN_MS = 60_000;

/** What is to be undone at the end, and whether somebody asked for the end. */
export type Ending = {
  /** Resolves at the first Ctrl-C (or SIGTERM, SIGHUP). */
  readonly told: Promise<void>;
  /** Throws `Interrupted` when the end was asked for; called between two steps of the start. */
  goOn(): void;
  /** Something to undo; the newest first. */
  add(what: string, close: () => Promise<void>): void;
  /** Undoes everything, whatever fails; returns one sentence for each failure. */
  closeAll(): Promise<string[]>;
};

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export const ending = (say: (line: string) => void): Ending => {
  const closers: { what: string; close: () => Promise<void> }[] = [];
  let asked = false;
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (!asked) say('\nCleaning up … (what is under way is finished first)');
        asked = true;
        resolve();
      });
  });
  const closeOne = async ({ what, close }: (typeof closers)[number]): Promise<string[]> => {
    try {
      const late = sleep(CLOSE_WITHIN_MS, true, { ref: false });
      const isLate = await Promise.race([close().then(() => false), late]);
      return isLate ? [`${what}: not done within ${CLOSE_WITHIN_MS / 1_000} s`] : [];
    } catch (error) {
      return [`${what}: ${messageOf(error)}`];
    }
  };
  return {
    told,
    goOn: () => {
      if (asked) throw new Interrupted('interrupted');
    },
    add: (what, close) => closers.unshift({ what, close }),
    closeAll: async () => {
      const failures: string[] = [];
      for (const closer of closers.splice(0)) failures.push(...(await closeOne(closer)));
      return failures;
    },
  };
};
