import { type Queue, queueByTime } from './queue.js';

/** Where the simulated cloud takes its time from; milliseconds since the epoch. */
export type SimClock = { now(): number; sleep(ms: number): Promise<void> };

export const realClock: SimClock = {
  now: () => Date.now(),
  sleep: (ms) =>
    ms <= 0 ? Promise.resolve() : new Promise((resolve) => void setTimeout(() => resolve(), ms)),
};

export type VirtualClock = SimClock & {
  /** Time passes, and nobody has done anything meanwhile: milliseconds. */
  advance(ms: number): void;
  /** Nobody is woken any more: what still sleeps never wakes, and leaves nothing behind. */
  end(): void;
};

/**
 * When nothing else can run. `immediates` lets files and sockets of the real world have their turn in between; `ticks`
 * does not, and costs a tenth: for simulations in which nothing is real.
 */
export type Turns = 'immediates' | 'ticks';

/** Its `then` is a microtask without the async resource that each `queueMicrotask` makes. */
const SETTLED = Promise.resolve();

const TURNS: Readonly<Record<Turns, (next: () => void) => void>> = {
  immediates: (next) => void setImmediate(next),
  // A tick that is asked for from a microtask comes when no microtask is left (node: processTicksAndRejections).
  ticks: (next) => void SETTLED.then(() => process.nextTick(next)),
};

/**
 * Time that jumps to the next sleeper whenever nothing else can run, so that minutes pass in an instant and in order.
 * No timer is left behind. It does not wait for files or sockets: not for tests that use those with deadlines.
 */
export const virtualClock = (
  start = Date.UTC(2026, 0, 1),
  { turns = 'immediates' }: { readonly turns?: Turns } = {},
): VirtualClock => {
  const turn = TURNS[turns];
  let now = start;
  let sleepers: Queue<() => void> = queueByTime();
  let pumping = false;
  let ended = false;
  const wakeNext = (): void => {
    const next = sleepers.take();
    if (next) {
      now = Math.max(now, next.at);
      next.item();
    }
    pumping = sleepers.size() > 0;
    if (pumping) turn(wakeNext);
  };
  return {
    now: () => now,
    advance: (ms) => {
      now += Math.max(0, ms);
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        if (ms <= 0) return resolve();
        if (ended) return;
        sleepers.add(now + ms, resolve);
        if (!pumping) turn(wakeNext);
        pumping = true;
      }),
    end: () => {
      ended = true;
      sleepers = queueByTime();
    },
  };
};

/** Docker's spelling of a moment. `tick` makes two moments inside one millisecond differ, as nanoseconds do. */
export const dockerTime = (ms: number, tick = 0): string =>
  `${new Date(ms).toISOString().slice(0, -1)}${String(tick % 1_000_000).padStart(6, '0')}Z`;

/** What Docker shows for "never". */
export const NEVER = '0001-01-01T00:00:00Z';
