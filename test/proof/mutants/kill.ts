import { MUTANTS } from './all.js';
import type { Mutant } from './mutant.js';
import { bySuites, byTests, copyOfTree, type Verdict } from './workplace.js';

export type Judged = { readonly mutant: Mutant; readonly verdict: Verdict };

/** Judges all of them, several at a time; `compiled` is the folder of the compiled proof. */
export const killAll = async (
  compiled: string,
  {
    hands,
    onJudged,
    among = MUTANTS,
  }: {
    readonly hands: number;
    readonly onJudged: (judged: Judged) => void;
    readonly among?: readonly Mutant[];
  },
): Promise<readonly Judged[]> => {
  const waiting = [...among];
  const judged: Judged[] = [];
  const hand = async (): Promise<void> => {
    const tree = copyOfTree();
    try {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict =
          mutant.test === undefined
            ? await bySuites(mutant, compiled)
            : await byTests(mutant, mutant.test, tree.folder);
        judged.push({ mutant, verdict });
        onJudged({ mutant, verdict });
      }
    } finally {
      tree.remove();
    }
  };
  await Promise.all(Array.from({ length: hands }, hand));
  return judged;
};
