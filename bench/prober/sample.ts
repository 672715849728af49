/** Time between two requests, in milliseconds; the resolution of every gap that is reported. */
export const EVERY_MS = 10;

/** One request: when its answer (or its failure) was there, in milliseconds since the epoch, and who answered. */
export type Sample = { readonly at: number; readonly release: string | null };

/** From the probing process. `answered`: somebody else than before gave a good answer. */
export type Said =
  | { readonly kind: 'answered'; readonly release: string; readonly at: number }
  | { readonly kind: 'samples'; readonly samples: readonly Sample[] };

export type Told = { readonly kind: 'begin' } | { readonly kind: 'take' };

/** Milliseconds since the epoch with a fraction; comparable between processes of one machine. */
export const now = (): number => performance.timeOrigin + performance.now();

export type Gap = { readonly ms: number; readonly failed: number };

/** The longest time between two good answers that follow each other, and how many requests failed. */
export const gapOf = (samples: readonly Sample[]): Gap => {
  const good = samples
    .filter(({ release }) => release !== null)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
  const gaps = good.map((at, index) => at - (good[index - 1] ?? at));
  return { ms: Math.max(0, ...gaps), failed: samples.length - good.length };
};
