import { z } from 'zod';
import type { App, RunRef } from '../src/app.js';
import type { Context } from '../src/command.js';
import { Refusal } from '../src/errors.js';
import { fromTo } from '../src/views/words.js';

/** A run by its id, a service's name, or the thread in which it is said. */
export const runArgs = z.strictObject({ run: z.string().optional() });

export type Reference = { readonly run: RunRef; readonly fingerprint?: string };

/** A run or service, the beginning of the plan's fingerprint, and the turn in which a button was drawn. */
const REFERENCE = /^(.+?)(?::([0-9a-f]{6,64}))?(?::t(\d{1,9}))?$/;

/**
 * `id:fp:t3`, as a button carries it, binds to the plan and to the turn that were seen; a bare word does not. A click
 * without a turn comes from a message of an older Stackswap, and is refused with `stale-click`.
 */
export const referTo = (app: App, word: string | undefined, context: Context): Reference => {
  const [, name, fingerprint, turn] = REFERENCE.exec(word ?? '') ?? [];
  const { id, plan } = app.findRun(name ?? word, context.threadRun);
  if (context.clicked && turn === undefined)
    throw new Refusal(
      'stale-click',
      `That button of run ${id} is from an older Stackswap.`,
      `Use the buttons of the run’s messages as they are now, or see: status ${plan.service}.`,
    );
  return {
    run: turn === undefined ? id : { id, turn: Number(turn) },
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
};

/**
 * For what agrees to a plan, or to what came of it: a run is named by its id, whose plan never changes, or by its
 * thread. Which run of a service is open can change while somebody types, and nobody agrees to what they did not read.
 */
export const referToPlan = (
  app: App,
  { verb, word }: { readonly verb: string; readonly word: string | undefined },
  context: Context,
): Reference => {
  const found = referTo(app, word, context);
  const id = typeof found.run === 'string' ? found.run : found.run.id;
  if (id === word?.split(':')[0] || id === context.threadRun) return found;
  const { plan, requestedBy } = app.run(id);
  throw new Refusal(
    'bad-arguments',
    `"${verb}" needs the id of a run, or is said in its thread: which run of ${plan.service} is open can change while you type.`,
    `Now it is ${id}, ${plan.service} ${fromTo(plan)}, asked for by ${requestedBy.name}. If that is the one you have read: ${verb} ${id}`,
  );
};
