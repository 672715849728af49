import { firstLoss } from './hunt.js';
import { entryNamed } from './suites.js';
import { NOTHING, tallyOf, together } from './tally.js';

/** `play`: cases `from`, `from + every`, … below `to`. `hunt`: anything that is lost. */
export type Order =
  | { readonly ask: 'count'; readonly suite: string }
  | { readonly ask: 'hunt' }
  | {
      readonly ask: 'play';
      readonly suite: string;
      readonly from: number;
      readonly to: number;
      readonly every: number;
    };

const playAll = async ({ suite: name, from, to, every }: Extract<Order, { ask: 'play' }>) => {
  const { suite } = entryNamed(name);
  let tally = NOTHING;
  for (let number = from; number < to; number += every) {
    tally = together(tally, tallyOf(number, await suite.play(number)));
  }
  return tally;
};

const answer = (order: Order): Promise<unknown> => {
  if (order.ask === 'count') return entryNamed(order.suite).suite.count();
  return order.ask === 'hunt' ? firstLoss(() => process.send?.({ goesOn: true })) : playAll(order);
};

/** One order at a time; what is thrown is a bug of the proof, and ends the process with its stack. */
process.on('message', (order: Order) => {
  answer(order).then(
    (said) => process.send?.({ said }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
