import type { CloudEvent, RunEvent } from '../../../src/run/event.js';
import type { Journal } from '../../../src/run/journal.js';
import { EMPTY } from '../../../src/run/run.js';
import type { SimClock } from '../../../src/sim/clock.js';
import { simDisk } from '../../../src/sim/disk.js';
import type { DiskFate } from '../../../src/sim/disk-calls.js';
import type { Random } from '../../../src/sim/random.js';
import { memoryJournal } from '../../../src/store/memory.js';
import { openStore } from '../../../src/store/store.js';
import type { Diary } from './diary.js';

export type Heard = Set<(run: string | undefined, event: RunEvent | CloudEvent) => void>;

/** The journal as it outlives the bot's processes: in memory, or the real store on a simulated disk. */
export type Ledger = {
  /** Of the life that is under way. */
  readonly journal: Journal;
  /** A new process opens it; what the last one left is verified and folded anew. */
  open(): Promise<void>;
  /** The process that has it open ends at once, whatever it was writing. */
  kill(): void;
  /** The next write to the disk fails with this code; false where there is no disk. */
  fail(code: string): boolean;
};

type Making = { readonly clock: SimClock; readonly diary: Diary; readonly heard: Heard };

type Tell = (run: string | undefined, event: RunEvent | CloudEvent) => void;

const tellAll =
  (heard: Heard): Tell =>
  (run, event) => {
    for (const listener of heard) listener(run, event);
  };

/** Tells who listens of each event once it is durable. */
const heardJournal = (current: () => Journal, tell: Tell): Journal => {
  return {
    state: () => current().state(),
    head: () => current().head(),
    low: () => current().low(),
    lost: () => current().lost(),
    append: async (run, event) => {
      await current().append(run, event);
      tell(run, event);
    },
    appendCloud: async (event) => {
      await current().appendCloud(event);
      tell(undefined, event);
    },
    subscribe: (listener) => current().subscribe(listener),
    eventsOf: (run) => current().eventsOf(run),
    close: async () => undefined,
  };
};

export const memoryLedger = ({ clock, diary, heard }: Making): Ledger => {
  const kept = memoryJournal({
    clock: clock.now,
    log: { error: (said: unknown) => diary.blame(`a listener of the journal failed: ${String(said)}`) },
  });
  return {
    journal: heardJournal(() => kept, tellAll(heard)),
    open: async () => undefined,
    kill: () => undefined,
    fail: () => false,
  };
};

/** Before the first process there is nothing. */
const NOTHING: Pick<Journal, 'state' | 'head' | 'low' | 'lost'> = {
  state: () => EMPTY,
  head: () => ({ seq: 0, hash: '' }),
  low: () => false,
  lost: () => undefined,
};

const FOLDER = '/var/lib/stackswap';

/** I8 on a disk that loses what was not synced: what was acknowledged is there after every death, and the chain verifies. */
export const diskLedger = (making: Making & { readonly random: Random }): Ledger => {
  const { clock, diary, heard, random } = making;
  let failing: string | undefined;
  const fate = ({ what }: { readonly what: string }): DiskFate => {
    if (failing === undefined || (what !== 'append' && what !== 'sync')) return undefined;
    const code = failing;
    failing = undefined;
    return { code };
  };
  const disk = simDisk({ random: () => random.int(0x1_0000_0000) / 0x1_0000_0000, fate });
  let current = NOTHING as Journal;
  let acknowledged = 0;
  const quiet = { warn: () => undefined, error: () => undefined };
  /** How many events of each run were told. */
  const told = new Map<string, number>();
  const tell: Tell = (run, event) => {
    if (run !== undefined) told.set(run, (told.get(run) ?? 0) + 1);
    tellAll(heard)(run, event);
  };
  const journal = heardJournal(() => current, tell);

  /** Who listens learns, too, of what became durable while its writer died, as the next process does. */
  const tellUntold = async (): Promise<void> => {
    for (const run of Object.keys(current.state().runs))
      for (const { event } of (await current.eventsOf(run)).slice(told.get(run) ?? 0)) tell(run, event);
  };

  const open = async (): Promise<void> => {
    const settings = {
      folder: FOLDER,
      log: quiet,
      clock: clock.now,
      fileLimit: random.pick([4_000, 20_000, 1_000_000]),
      snapshotEvery: random.pick([3, 20, 1_000]),
      reserveBytes: 6_400,
    };
    const { disk: own, lock } = disk.start();
    try {
      current = await openStore({ ...settings, disk: own, lock });
    } catch (error) {
      diary.blame(`I8: the journal cannot be opened any more: ${String(error)}`);
      throw error;
    }
    const { seq } = current.head();
    if (seq < acknowledged) diary.blame(`I8: ${acknowledged} events were acknowledged, and ${seq} are there`);
    acknowledged = seq;
    await tellUntold();
  };

  return {
    journal: {
      ...journal,
      append: async (run, event) => {
        await journal.append(run, event);
        acknowledged = Math.max(acknowledged, current.head().seq);
      },
    },
    open,
    kill: () => {
      if (random.chance(0.3)) disk.cutPower();
      else disk.kill();
    },
    fail: (code) => {
      failing = code;
      return true;
    },
  };
};
