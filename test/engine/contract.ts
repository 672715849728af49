import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { answersContract } from './contract-answers.js';
import { archiveContract } from './contract-archive.js';
import { benchFor, type Subject } from './contract-bench.js';
import { createContract } from './contract-create.js';
import { lifeContract } from './contract-life.js';

export type { Subject } from './contract-bench.js';

/** What every implementation of the engine port promises; `makeSubject` brings one to the test. */
export const engineContract = (name: string, makeSubject: () => Promise<Subject>): void => {
  describe(`the engine port's contract: ${name}`, () => {
    let made: Subject | undefined;
    const current = (): Subject => {
      if (!made) throw new Error('the subject of the contract was not made');
      return made;
    };
    beforeAll(async () => {
      made = await makeSubject();
    });
    afterEach(() => current().clean());
    afterAll(() => made?.close());

    const bench = benchFor(current);
    createContract(bench);
    lifeContract(bench);
    answersContract(bench);
    archiveContract(bench);
  });
};
