/** A product that is wrong on purpose in one place. A proof that does not notice it proves nothing there. */
export type Mutant = {
  /** Short, and in words what the wrong product does. */
  readonly name: string;
  /** Of the product, from the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file; where it does not, the mutant is no mutant any more and the proof fails. */
  readonly find: string;
  readonly replace: string;
  /** What would be lost. */
  readonly why: string;
  /** The strategy in which it shows soonest; absent: in the first few cases of all of them. */
  readonly strategy?: string;
  /** A file of tests that has to kill it; absent: the suites of the proof have to. */
  readonly test?: string;
  /** Only the tests in it whose titles hold this. */
  readonly titled?: string;
};

/** The text of the wrong product. Throws where the mutant does not fit. */
export const mutate = ({ name, file, find, replace }: Mutant, text: string): string => {
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(
      `The mutant "${name}" does not fit any more: its text stands ${parts.length - 1} times in ${file}. Make it fit the product as it is now.`,
    );
  return parts.join(replace);
};
