import type { Handler } from '../wire.js';
import { RELEASES } from './images.js';
import { isChange } from './intents.js';
import { type MainProgram, startMain } from './main-program.js';
import { type Chosen, newestRun, takenUp } from './person.js';
import type { Outcome, Scene, Trial } from './trials.js';
import { journalProblems, problemsOf } from './verdict.js';

/** From SIGTERM to the end of the process, in milliseconds. */
export const END_WITHIN_MS = 10_000;

/** What becomes of the request during which the bot is told to end; `never`: not even when it hangs up. */
export type Answered = 'at once' | 'never';

export type Term = {
  readonly does: 'upgrade' | 'rollback';
  /** Counted from 1. */
  readonly at: number;
  readonly line: string;
  readonly answered: Answered;
  readonly chosen: Chosen;
};

/** Longest time from SIGTERM to the end that was seen, in milliseconds. */
export type Longest = { ms: number };

/** Waits for the run's end, as the command line does. */
const order = async (main: MainProgram, does: Term['does'], newest: string): Promise<void> => {
  if (does === 'rollback') return main.tell('ann', ['rollback', newest]);
  let approved = Promise.resolve();
  await main.tell('ann', ['upgrade', 'keystone', 'to', RELEASES.new], (text) => {
    const run = /stackswap approve (r[0-9a-f]{8})/.exec(text)?.[1];
    if (run) approved = main.tell('bob', ['approve', run]);
  });
  await approved;
};

const terminated = async (
  scene: Scene,
  { program, term, longest }: { program: string; term: Term; longest: Longest },
): Promise<Omit<Outcome, 'title'>> => {
  const { stand, guard } = scene;
  const earlier = (await newestRun(stand))?.id;
  const main = await startMain(program, stand);
  const strike: Handler = async (exchange) => {
    main.terminate();
    if (term.answered === 'at once') exchange.pass();
    else await exchange.carryOut();
  };
  let struck = false;
  guard.watch(({ number }) => {
    if (number !== term.at) return undefined;
    struck = true;
    return strike;
  });
  // A bot that ends takes its command line along, in the middle of an answer.
  await order(main, term.does, earlier ?? '').catch(() => undefined);
  main.terminate();
  const { code, ms } = await main.ended;
  guard.watch();
  longest.ms = Math.max(longest.ms, ms);
  const { ends, problems } = await takenUp({ stand, does: term.does, earlier, chosen: term.chosen });
  return {
    ends,
    struck,
    faults: struck ? 1 : 0,
    problems: [
      ...(code === 0 ? [] : [`it ended with ${code}`]),
      ...(ms <= END_WITHIN_MS ? [] : [`it took ${Math.round(ms)} ms to end`]),
      ...problems,
      ...guard.problems(),
      ...(await problemsOf(stand, ends)),
      ...(await journalProblems(stand)),
    ],
  };
};

/** One SIGTERM at every request; at the changes, and at a look in eight, also with a request that is never answered. */
export const termsAt = (does: Term['does'], requests: readonly string[]): readonly Term[] =>
  requests
    .flatMap((line, index) => {
      const hanging = isChange(line) || index % 8 === 0;
      const answers: readonly Answered[] = hanging ? ['at once', 'never'] : ['at once'];
      return answers.map((answered) => ({ does, at: index + 1, line, answered }));
    })
    .map((term, index) => ({ ...term, chosen: index % 2 === 0 ? 'resume' : 'rollback' }));

export const termTrials = (
  terms: readonly Term[],
  { program, longest }: { program: string; longest: Longest },
): readonly Trial[] =>
  terms.map((term) => ({
    from: term.does === 'upgrade' ? 'old' : 'new',
    title: `${term.does}, SIGTERM at request ${term.at}, answered ${term.answered} (${term.line.replaceAll(/[0-9a-f]{64}/g, '…').slice(0, 80)}), ${term.chosen}`,
    perform: (scene) => terminated(scene, { program, term, longest }),
  }));
