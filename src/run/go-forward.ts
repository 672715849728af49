import { messageOf } from '../errors.js';
import { saysNothing } from '../steps/context.js';
import { perform } from '../steps/index.js';
import { baselineOf, lookAround, newFailures, reportOf } from './bystanders.js';
import { compareSwaps } from './compare-run.js';
import { contextFor } from './context-for.js';
import type { Bystander, Part } from './event.js';
import type { Bench } from './runner.js';

/** Performs one step and journals its end; the error goes on to the caller. */
export const performStep = async (bench: Bench, part: Part, index: number): Promise<void> => {
  const step = bench.run().plan[part][index];
  if (!step) throw new Error(`the plan has no step ${index}`);
  const context = contextFor(bench, { part, index, back: false });
  context.checkpoint();
  const began = bench.clock.now();
  await bench.emit({ kind: 'step-started', part, index });
  try {
    await perform(step, context);
  } catch (error) {
    if (!saysNothing(error))
      await bench.emit({ kind: 'step-failed', part, index, why: bench.tail(messageOf(error)) });
    throw error;
  }
  await bench.emit({ kind: 'step-done', part, index, ms: bench.clock.now() - began });
};

/** Takes the picture of everybody else once; after a pause only the failures that people know of are struck out. */
export const watchOthers = async (bench: Bench): Promise<void> => {
  if (bench.run().baseline) return;
  await bench.emit({ kind: 'watching', baseline: await lookAround({ ...bench, run: bench.run() }) });
};

/** Everybody else as they are now, or `undefined` after people were asked because that could not be seen. */
const lookOrAsk = async (bench: Bench): Promise<readonly Bystander[] | undefined> => {
  try {
    return await lookAround({ ...bench, run: bench.run() });
  } catch (error) {
    await bench.emit({
      kind: 'asked',
      why: `The rest of the cloud cannot be looked at: ${bench.tail(messageOf(error))}`,
      choices: ['resume', 'rollback'],
    });
    return undefined;
  }
};

/** Whether the run goes on: somebody else's container or API that failed since it began makes it ask people. */
const othersAreWell = async (bench: Bench): Promise<boolean> => {
  const now = await lookOrAsk(bench);
  if (!now) return false;
  const baseline = baselineOf(bench.run(), bench.journal.state());
  const failed = newFailures(baseline, now);
  await bench.emit({ kind: 'bystanders', report: reportOf(baseline, now) });
  if (failed.length === 0) return true;
  // People know of these from now on: a resume goes on in spite of them.
  await bench.emit({
    kind: 'watching',
    baseline: baseline.map((one) => (newFailures([one], now).length > 0 ? { ...one, well: false } : one)),
  });
  await bench.emit({
    kind: 'asked',
    why: `While ${bench.run().plan.service} was upgraded, this failed: ${failed.join(', ')}.`,
    choices: ['resume', 'rollback'],
  });
  return false;
};

/** All steps of the plan that are not done, in order, with a look at everybody else after each. */
export const goForward = async (bench: Bench): Promise<void> => {
  await watchOthers(bench);
  for (const index of bench.run().plan.steps.keys()) {
    if (bench.run().steps[index]?.status === 'done') continue;
    await performStep(bench, 'steps', index);
    if (!(await othersAreWell(bench))) return;
  }
  await compareSwaps(bench);
  await bench.emit({
    kind: 'upgraded',
    ms: bench.clock.now() - Date.parse(bench.run().startedAt ?? bench.run().requestedAt),
  });
};
