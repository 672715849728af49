import { messageOf } from '../errors.js';
import type { MigrateStep } from '../plan/plan.js';
import { look } from './act.js';
import { containerOf } from './container.js';
import { type StepContext, saysNothing } from './context.js';
import { oneOffName } from './names.js';

/** A migration that a person does not want to wait for is none that may be killed; this long its end is awaited. */
const END_WITHIN_MS = 60_000;
const LOG_LINES = 5_000;

/** Docker's zero time. */
const NEVER = /^0001-/;

const clear = async (step: MigrateStep, context: StepContext, name: string): Promise<void> => {
  const { host, runs } = step;
  const engine = context.engine(host);
  const left = await look(context, () => engine.inspect(context.memory().createdId ?? name));
  if (!left) return;
  const oneOff = containerOf(context, { host, id: left.Id, label: name });
  if (context.memory().exitCode === undefined && !NEVER.test(left.State.StartedAt)) {
    const exitCode = await engine.wait(left.Id, END_WITHIN_MS);
    const file = await context.keepLog(name, await oneOff.log(LOG_LINES));
    const place = file ? ` Its log: ${file}` : '';
    await context.note(
      `${runs} was under way when the run was interrupted; it ended with exit code ${exitCode}.${place}`,
    );
  }
  await oneOff.tidyAway();
};

/**
 * Going back takes no migration back, only the one-off container that an interruption left. One that still runs is
 * never stopped. The old version serves by now, so nothing here makes going back fail.
 */
export const clearOneOff = async (step: MigrateStep, context: StepContext): Promise<void> => {
  const name = oneOffName(context, step.name, step.phase);
  try {
    await clear(step, context, name);
  } catch (error) {
    if (saysNothing(error)) throw error;
    await context.note(
      context.tail(
        `${name} may be left on ${step.host} (${messageOf(error)}). When it has ended and its log is read: docker rm ${name}`,
      ),
    );
  }
};
