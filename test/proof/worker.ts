import { messageOf } from '../../src/errors.js';
import { firstLoss } from './hunt.js';
import type { Outcome } from './suite.js';
import { entryNamed } from './suites.js';
import { NOTHING, tallyOf, together } from './tally.js';

/** `play`: cases `from`, `from + every`, … below `to`, but not `without`. `hunt`: anything that is lost, in that strategy first. */
export type Order =
  | { readonly ask: 'count'; readonly suite: string }
  | { readonly ask: 'hunt'; readonly strategy?: string }
  | {
      readonly ask: 'play';
      readonly suite: string;
      readonly from: number;
      readonly to: number;
      readonly every: number;
      readonly without?: readonly number[];
    };

/** `at`: the case that begins; `goesOn`: the same in words; `said`: the answer. */
export type Word = { readonly at: number } | { readonly goesOn: string } | { readonly said?: unknown };

const send = (word: Word): void => void process.send?.(word);

/** What is thrown is a case that is lost, too, and says nothing of those after it. */
const outcomeOf = async (play: () => Promise<Outcome>): Promise<Outcome> => {
  try {
    return await play();
  } catch (error) {
    return { why: [`threw: ${messageOf(error)}`], end: 'threw' };
  }
};

const playAll = async ({ suite: name, from, to, every, without = [] }: Extract<Order, { ask: 'play' }>) => {
  const { suite } = entryNamed(name);
  let tally = NOTHING;
  for (let number = from; number < to; number += every) {
    if (without.includes(number)) continue;
    send({ at: number });
    tally = together(tally, tallyOf(number, await outcomeOf(() => suite.play(number))));
  }
  return tally;
};

const answer = (order: Order): Promise<unknown> => {
  const goesOn = (what: string): void => send({ goesOn: what });
  if (order.ask === 'count') return entryNamed(order.suite).suite.count(goesOn);
  return order.ask === 'hunt' ? firstLoss(goesOn, order.strategy) : playAll(order);
};

/** One order at a time; what is thrown is a bug of the proof, and ends the process with its stack. */
process.on('message', (order: Order) => {
  answer(order).then(
    (said) => send({ said }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
