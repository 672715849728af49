import { parseArgs } from 'node:util';

export type Options = {
  /** Only this suite, or `mutants`. */
  readonly suite?: string;
  /** Only this case of it, told event by event. */
  readonly case?: number;
  /** How many seeds of each suite without an end; what the suite says where absent. */
  readonly seeds?: number;
  /** The first of them. */
  readonly from: number;
  /** A share of every suite: a minute in all. */
  readonly quick: boolean;
  /** The file in which torture keeps how far it has come. */
  readonly progress?: string;
  /** After so many minutes torture begins nothing more, and writes down how far it came. */
  readonly minutes?: number;
};

const natural = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${name} takes a number, not "${text}"`);
  return Number(text);
};

export const USAGE =
  'npm run proof -- [--suite NAME [--case N]] [--seeds N] [--from SEED] [--quick]; the suites: ';

/** Throws with what is wrong in words. */
export const readOptions = (words: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      suite: { type: 'string' },
      case: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      quick: { type: 'boolean' },
      progress: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const number = natural('case', values.case);
  const seeds = natural('seeds', values.seeds);
  const minutes = natural('minutes', values.minutes);
  if (number !== undefined && values.suite === undefined) throw new Error('--case needs --suite, too');
  return {
    ...(values.suite === undefined ? {} : { suite: values.suite }),
    ...(number === undefined ? {} : { case: number }),
    ...(seeds === undefined ? {} : { seeds }),
    from: natural('from', values.from) ?? 0,
    quick: values.quick ?? false,
    ...(values.progress === undefined ? {} : { progress: values.progress }),
    ...(minutes === undefined ? {} : { minutes }),
  };
};
