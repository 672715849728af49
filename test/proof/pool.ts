import { type ChildProcess, fork } from 'node:child_process';
import type { Entry } from './suites.js';
import { NOTHING, type Tally, together } from './tally.js';
import type { Order } from './worker.js';

export type Crew = {
  count(suite: string): Promise<number>;
  play(work: Work): Promise<Tally>;
  close(): void;
};

export type Work = {
  readonly entry: Entry;
  readonly from: number;
  readonly to: number;
  readonly every: number;
  /** Cases handed to a worker at once. */
  readonly chunk?: number;
};

/** A simulated cloud lives for milliseconds: most of what is made should be gone before it is ever copied. */
const ROOMY = ['--max-semi-space-size=64'];

/** Some seconds of work. */
const CHUNK = 500;

const ask = (worker: ChildProcess, order: Order): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const died = (code: number | null): void =>
      reject(new Error(`a worker of the proof ended with code ${code} over ${JSON.stringify(order)}`));
    worker.once('exit', died);
    worker.once('message', (message: { readonly said: unknown }) => {
      worker.off('exit', died);
      resolve(message.said);
    });
    worker.send(order);
  });

/** Processes that play cases of a compiled proof; each does one order at a time. */
export const hire = (program: string, hands: number): Crew => {
  const workers = Array.from({ length: hands }, () =>
    fork(program, { execArgv: ROOMY, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  return {
    count: async (suite) => {
      const [first] = workers;
      if (!first) throw new Error('nobody was hired');
      return (await ask(first, { ask: 'count', suite })) as number;
    },
    play: async ({ entry, from, to, every, chunk = CHUNK }) => {
      let next = from;
      let tally = NOTHING;
      const hand = async (worker: ChildProcess): Promise<void> => {
        while (next < to) {
          const begin = next;
          next += chunk * every;
          const order: Order = {
            ask: 'play',
            suite: entry.suite.name,
            from: begin,
            to: Math.min(next, to),
            every,
          };
          const said = (await ask(worker, order)) as Tally;
          tally = together(tally, said);
        }
      };
      await Promise.all(workers.map(hand));
      return tally;
    },
    close: () => {
      for (const worker of workers) if (worker.connected) worker.disconnect();
    },
  };
};
