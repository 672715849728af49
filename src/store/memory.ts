import type { Log } from '../log.js';
import type { Redactor } from '../redact.js';
import type { Entry, RunEvent } from '../run/event.js';
import type { Journal } from '../run/journal.js';
import { reduce } from '../run/reduce.js';
import { EMPTY } from '../run/run.js';
import { entryOf, PLAIN, type Said } from './entry.js';
import { listeners } from './listeners.js';
import { lineOf, START } from './record.js';

export type MemoryOptions = {
  readonly log?: Pick<Log, 'error'>;
  readonly redact?: Pick<Redactor, 'redactDeep'>;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
};

/** The journal without a disk, for tests and the simulated demo. Nothing outlives the process. */
export const memoryJournal = ({
  log = console,
  redact = PLAIN,
  clock = Date.now,
}: MemoryOptions = {}): Journal => {
  const entries: Entry[] = [];
  let head = START;
  const told = listeners(log);
  let state = EMPTY;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const take = (entry: Entry): void => {
    state = reduce(state, entry);
    head = lineOf(entry, head).head;
    entries.push(entry);
    told.tell(entry.run);
  };

  // Never within the caller's own turn, as no disk would be either.
  const add = async (said: Said): Promise<void> => {
    if (closed) throw new Error('the journal is closed');
    const entry = entryOf(said, clock(), redact);
    const done = last.then(() => take(entry));
    last = done.catch(() => undefined);
    return done;
  };

  return {
    state: () => state,
    head: () => head,
    low: () => false,
    lost: () => undefined,
    append: (run, event) => add({ run, event }),
    appendCloud: (event) => add({ event }),
    subscribe: told.add,
    eventsOf: async (run) =>
      entries.filter((entry) => entry.run === run).map(({ at, event }) => ({ at, event: event as RunEvent })),
    close: async () => {
      closed = true;
      await last;
    },
  };
};
