/** What one case of a suite ended in. `why` names what did not hold, as sentences; empty when all held. */
export type Outcome = {
  readonly why: readonly string[];
  /** The end state, for the table: `upgraded`, `rolled-back`, … */
  readonly end: string;
};

/** Called before each case with what it is, so that whoever waits knows over what. */
export type GoesOn = (what: string) => void;

/**
 * A list of simulated runs that are numbered from 0, so that workers can share them and one can be played again. The
 * same suite, number and commit play the same run, event by event, every time. A fuzzed suite takes its number for the
 * seed and has no end of its own.
 */
export type Suite = {
  /** Short and without spaces: it is typed in the command that plays a case again. */
  readonly name: string;
  /** For the table: what is tried, in words. */
  readonly what: string;
  /** How many there are (`Infinity` for seeds); a faultless run is counted first where that is needed. */
  readonly count: (goesOn?: GoesOn) => Promise<number>;
  /** Throws only for a bug of the proof itself. */
  readonly play: (number: number) => Promise<Outcome>;
  /** What was injected, one line an event, for a person who plays a failing case again. */
  readonly tell: (number: number) => Promise<readonly string[]>;
};
