/** Time as the program sees it; tests give their own. */
export type Clock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };

/**
 * Wall time as it was at the start, and what has gone by since then. A step of the machine's clock (NTP, a person) moves
 * no deadline and no approval of this process; only what is displayed differs from the wall until the next start.
 * `wall` in milliseconds since the epoch, `passed` from a clock that is never set.
 */
export const steadyNow = (wall: () => number, passed: () => number): (() => number) => {
  const start = wall() - passed();
  return () => Math.round(start + passed());
};

export const realClock: Clock = {
  now: steadyNow(
    () => Date.now(),
    () => performance.now(),
  ),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
