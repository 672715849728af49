import type { Judged } from './kill.js';

export type Counts = {
  readonly killed: number;
  readonly lived: number;
  /** Of the killed: how many by a test that the mutant names; the others by the simulator. */
  readonly named: number;
  /** Of those that the simulator killed: how many by a case without an end, and by the end of the process. */
  readonly silent: number;
  readonly ended: number;
};

/** What became of the mutants, and by whom. */
export const countsOf = (judged: readonly Judged[]): Counts => {
  const dead = judged.filter(({ verdict }) => verdict.killedBy !== undefined);
  const simulated = dead.filter(({ mutant }) => mutant.test === undefined);
  return {
    killed: dead.length,
    lived: judged.length - dead.length,
    named: dead.length - simulated.length,
    silent: simulated.filter(({ verdict }) => verdict.how === 'no end').length,
    ended: simulated.filter(({ verdict }) => verdict.how === 'process').length,
  };
};
