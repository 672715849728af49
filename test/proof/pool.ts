import { type ChildProcess, fork } from 'node:child_process';
import type { Entry } from './suites.js';
import { NOTHING, type Tally, tallyOf, together } from './tally.js';
import type { Order, Word } from './worker.js';

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

/** A second or two of work: at a suite's end one hand waits for the other's last order. */
const CHUNK = 100;

/** A case takes milliseconds; one that does not end in this time is lost. */
export const PATIENCE_MS = 120_000;

/** A case that a worker did not come back from. */
class NoEnd extends Error {
  constructor(
    readonly at: number | undefined,
    why: string,
  ) {
    super(why);
  }
}

const ask = (worker: ChildProcess, order: Order, patienceMs: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    let at: number | undefined;
    const end = (settle: () => void): void => {
      clearTimeout(late);
      worker.off('exit', died);
      worker.off('message', hear);
      settle();
    };
    const lose = (why: string): void => end(() => reject(new NoEnd(at, why)));
    const died = (code: number | null): void => lose(`the process ended with ${code}`);
    const never = (): void => lose(`it has no end after ${patienceMs / 1_000} s`);
    let late = setTimeout(never, patienceMs);
    const hear = (word: Word): void => {
      clearTimeout(late);
      late = setTimeout(never, patienceMs);
      if ('at' in word) at = word.at;
      else if (!('goesOn' in word)) end(() => resolve(word.said));
    };
    worker.once('exit', died);
    worker.on('message', hear);
    worker.send(order);
  });

/** Processes that play cases of a compiled proof; each does one order at a time. */
export const hire = (program: string, hands: number, patienceMs = PATIENCE_MS): Crew => {
  const hireOne = () => fork(program, { execArgv: ROOMY, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const workers = Array.from({ length: hands }, hireOne);
  let open = true;

  const askHand = (hand: number, order: Order): Promise<unknown> => {
    const worker = workers[hand];
    if (!worker) throw new Error('nobody was hired');
    return ask(worker, order, patienceMs);
  };

  /** A case that takes its worker with it is lost by its number; another worker plays the others. */
  const playOn = async (hand: number, order: Extract<Order, { ask: 'play' }>): Promise<Tally> => {
    try {
      return (await askHand(hand, order)) as Tally;
    } catch (error) {
      if (!open || !(error instanceof NoEnd) || error.at === undefined) throw error;
      workers[hand]?.kill('SIGKILL');
      workers[hand] = hireOne();
      const lost = tallyOf(error.at, { why: [error.message], end: 'no end' });
      return together(lost, await playOn(hand, { ...order, without: [...(order.without ?? []), error.at] }));
    }
  };

  return {
    // Each makes its own list, and would make it before its first case: they do so at once.
    count: async (suite) => {
      const counts = await Promise.all(
        workers.map((_worker, hand) => askHand(hand, { ask: 'count', suite })),
      );
      return counts[0] as number;
    },
    play: async ({ entry, from, to, every, chunk = CHUNK }) => {
      let next = from;
      let tally = NOTHING;
      const work = async (hand: number): Promise<void> => {
        while (next < to) {
          const begin = next;
          next += chunk * every;
          const order = {
            ask: 'play',
            suite: entry.suite.name,
            from: begin,
            to: Math.min(next, to),
            every,
          } as const;
          const said = await playOn(hand, order);
          tally = together(tally, said);
        }
      };
      await Promise.all(workers.map((_worker, hand) => work(hand)));
      return tally;
    },
    close: () => {
      open = false;
      for (const worker of workers) if (worker.connected) worker.disconnect();
    },
  };
};
