import { messageOf } from '../errors.js';
import { saysNothing } from '../steps/context.js';
import { perform } from '../steps/index.js';
import { baselineOf, failedSince, type Look, lookAround, newFailures, reportOf } from './bystanders.js';
import { compareSwaps } from './compare-run.js';
import { contextFor } from './context-for.js';
import type { Part } from './event.js';
import { noWayBack } from './going-back.js';
import { askBefore, readyAtEnd } from './ready-run.js';
import { roomToGoOn } from './room.js';
import type { Bench } from './runner.js';
import { allServe } from './serving.js';

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

/** Looks again before a bad answer is believed: in a big cloud some answer is always lost. */
const lookTwice = async (bench: Bench, isGood: (look: Look) => boolean): Promise<Look> => {
  const { successes, interval } = bench.config.health;
  for (let round = 1; ; round += 1) {
    const look = await lookAround({ ...bench, run: bench.run() });
    if (isGood(look) || round >= Math.max(2, successes)) return look;
    await bench.clock.sleep(interval);
  }
};

/** Takes the picture of everybody else once; after a pause only the failures that people know of are struck out. */
export const watchOthers = async (bench: Bench): Promise<void> => {
  if (bench.run().baseline) return;
  const { seen, silent } = await lookTwice(bench, (look) => look.silent.length === 0);
  const [first] = silent;
  if (first) throw new Error(`${first.host} cannot be looked at before the upgrade: ${first.why}`);
  await bench.emit({ kind: 'watching', baseline: seen });
};

/** Whether the run goes on: somebody else's container, API or host that failed since it began makes it ask people. */
const othersAreWell = async (bench: Bench): Promise<boolean> => {
  const baseline = () => baselineOf(bench.run(), bench.journal.state());
  const now = await lookTwice(bench, (look) => newFailures(baseline(), look).length === 0);
  const before = baseline();
  const failed = newFailures(before, now);
  await bench.emit({ kind: 'bystanders', report: reportOf(before, now) });
  if (failed.length === 0) return true;
  // People know of these from now on: a resume goes on in spite of them.
  const known = new Set(failedSince(before, now));
  await bench.emit({
    kind: 'watching',
    baseline: before.map((one) => (known.has(one) ? { ...one, well: false } : one)),
  });
  await bench.emit({
    kind: 'asked',
    why: `While ${bench.run().plan.service} was upgraded, this failed: ${bench.tail(failed.join(', '))}.`,
    choices: noWayBack(bench.run()) ? ['resume'] : ['resume', 'rollback'],
  });
  return false;
};

/** As late as can be: what answers well right before the first swap has to do so after it. */
const askBeforeSwap = async (bench: Bench, index: number): Promise<void> => {
  if (bench.run().plan.steps[index]?.kind !== 'swap') return;
  await askBefore(bench, contextFor(bench, { part: 'steps', index, back: false }).checkpoint);
};

/** All steps of the plan that are not done, in order, with a look at everybody else after each. */
export const goForward = async (bench: Bench): Promise<void> => {
  await watchOthers(bench);
  for (const index of bench.run().plan.steps.keys()) {
    const status = bench.run().steps[index]?.status;
    if (status === 'done') continue;
    if (status === 'pending' && !(await roomToGoOn(bench))) return;
    await askBeforeSwap(bench, index);
    await performStep(bench, 'steps', index);
    if (!(await othersAreWell(bench))) return;
  }
  if (!(await allServe(bench))) return;
  await compareSwaps(bench);
  if (!(await readyAtEnd(bench, contextFor(bench, { part: 'steps', index: 0, back: false }).checkpoint)))
    return;
  await bench.emit({
    kind: 'upgraded',
    ms: bench.clock.now() - Date.parse(bench.run().startedAt ?? bench.run().requestedAt),
  });
};
