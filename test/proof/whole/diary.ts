import type { SimClock } from '../../../src/sim/clock.js';

/** What was injected and what happened, in order: one line each, with the seconds since the beginning. */
export type Diary = {
  readonly lines: readonly string[];
  /** What did not hold, as sentences. */
  readonly wrong: readonly string[];
  tell(line: string): void;
  blame(sentence: string): void;
};

export const diaryOf = (clock: SimClock): Diary => {
  const began = clock.now();
  const lines: string[] = [];
  const wrong: string[] = [];
  const tell = (line: string): void => {
    lines.push(`${((clock.now() - began) / 1_000).toFixed(3).padStart(9)} s  ${line}`);
  };
  return {
    lines,
    wrong,
    tell,
    blame: (sentence) => {
      if (wrong.includes(sentence)) return;
      wrong.push(sentence);
      tell(`WRONG: ${sentence}`);
    },
  };
};
