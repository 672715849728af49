/** Time as the program sees it; tests give their own. */
export type Clock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
