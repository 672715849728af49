/** Where the simulated cloud takes its time from; milliseconds since the epoch. */
export type SimClock = { now(): number; sleep(ms: number): Promise<void> };

export const realClock: SimClock = {
  now: () => Date.now(),
  sleep: (ms) =>
    ms <= 0 ? Promise.resolve() : new Promise((resolve) => void setTimeout(() => resolve(), ms)),
};

/**
 * Time that jumps to the next sleeper whenever nothing else can run, so that minutes pass in an instant and in order.
 * No timer is left behind. It does not wait for files or sockets: not for tests that use those with deadlines.
 */
export const virtualClock = (start = Date.UTC(2026, 0, 1)): SimClock & { advance(ms: number): void } => {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let pumping = false;
  const wakeNext = (): void => {
    const next = sleepers.reduce<(typeof sleepers)[number] | undefined>(
      (first, one) => (first && first.at <= one.at ? first : one),
      undefined,
    );
    sleepers = sleepers.filter((one) => one !== next);
    now = Math.max(now, next?.at ?? now);
    next?.wake();
    pumping = sleepers.length > 0;
    if (pumping) setImmediate(wakeNext);
  };
  return {
    now: () => now,
    advance: (ms) => {
      now += Math.max(0, ms);
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        if (ms <= 0) return resolve();
        sleepers.push({ at: now + ms, wake: resolve });
        if (!pumping) setImmediate(wakeNext);
        pumping = true;
      }),
  };
};

/** Docker's spelling of a moment. `tick` makes two moments inside one millisecond differ, as nanoseconds do. */
export const dockerTime = (ms: number, tick = 0): string =>
  new Date(ms).toISOString().replace('Z', `${String(tick % 1_000_000).padStart(6, '0')}Z`);

/** What Docker shows for "never". */
export const NEVER = '0001-01-01T00:00:00Z';
