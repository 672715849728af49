/** What repeated measurements of one thing say; never a single best one. */
export type Spread = {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
};

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  return {
    n: sorted.length,
    min: at(0),
    median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2,
    max: at(sorted.length - 1),
  };
};

const written = (value: number): string => {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toFixed(digits);
};

/** `median [min..max]`, in whatever unit the column names. */
export const show = (values: readonly number[]): string => {
  if (values.length === 0) return '–';
  const { min, median, max } = spreadOf(values);
  return `${written(median)} [${written(min)}..${written(max)}]`;
};
