import type { Outcome } from './suite.js';

export type Lost = { readonly number: number; readonly why: readonly string[] };

/** What came of some cases of one suite. */
export type Tally = {
  readonly tried: number;
  readonly ends: Readonly<Record<string, number>>;
  /** How many did not survive; of these the first few are kept. */
  readonly lost: number;
  readonly examples: readonly Lost[];
};

export const NOTHING: Tally = { tried: 0, ends: {}, lost: 0, examples: [] };

/** A broken product loses thousands, and nobody reads them all. */
const EXAMPLES = 5;

const sum = (
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]),
  );

export const together = (a: Tally, b: Tally): Tally => ({
  tried: a.tried + b.tried,
  ends: sum(a.ends, b.ends),
  lost: a.lost + b.lost,
  examples: [...a.examples, ...b.examples].sort((x, y) => x.number - y.number).slice(0, EXAMPLES),
});

export const tallyOf = (number: number, { why, end }: Outcome): Tally => ({
  tried: 1,
  ends: { [end]: 1 },
  lost: why.length > 0 ? 1 : 0,
  examples: why.length > 0 ? [{ number, why }] : [],
});
