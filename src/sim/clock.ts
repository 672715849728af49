/** Where the simulated cloud takes its time from; milliseconds since the epoch. */
export type SimClock = { now(): number; sleep(ms: number): Promise<void> };

export const realClock: SimClock = {
  now: () => Date.now(),
  sleep: (ms) =>
    ms <= 0 ? Promise.resolve() : new Promise((resolve) => void setTimeout(() => resolve(), ms)),
};

/** Time that moves only when somebody sleeps or calls `advance`; no timer is left behind. */
export const virtualClock = (start = Date.UTC(2026, 0, 1)): SimClock & { advance(ms: number): void } => {
  let now = start;
  const advance = (ms: number): void => {
    now += Math.max(0, ms);
  };
  return {
    now: () => now,
    advance,
    sleep: (ms) => {
      advance(ms);
      return Promise.resolve();
    },
  };
};

/** Docker's spelling of a moment. `tick` makes two moments inside one millisecond differ, as nanoseconds do. */
export const dockerTime = (ms: number, tick = 0): string =>
  new Date(ms).toISOString().replace('Z', `${String(tick % 1_000_000).padStart(6, '0')}Z`);

/** What Docker shows for "never". */
export const NEVER = '0001-01-01T00:00:00Z';
