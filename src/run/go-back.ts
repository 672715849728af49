import { EngineError } from '../engine/port.js';
import { messageOf } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import { Stopping } from '../steps/context.js';
import { canUndo, clear, undo } from '../steps/index.js';
import { baselineOf, lookAround, reportOf } from './bystanders.js';
import { commandsFor } from './commands-for.js';
import { compareKept } from './compare-run.js';
import { contextFor } from './context-for.js';
import { noWayBack } from './going-back.js';
import { askAfterBack } from './ready-run.js';
import type { Bench } from './runner.js';
import { whyHopeless } from './way-back.js';

/** One container cannot be put back, and trying would do harm; the others can. */
class Hopeless extends Error {
  override readonly name = 'Hopeless';
}

/** Its name may be somebody else's, or what it needs be gone. A host that stays silent is met by the undo itself. */
const requireHope = async (bench: Bench, index: number): Promise<void> => {
  const why = await whyHopeless(bench.run(), index, bench).catch(() => []);
  if (why.length > 0) throw new Hopeless(`${why.join('; ')}: nothing of it was touched`);
};

const undoStep = async (bench: Bench, index: number): Promise<void> => {
  const step = bench.run().plan.steps[index];
  if (!step) return;
  const context = contextFor(bench, { part: 'steps', index, back: true });
  if (!canUndo(step)) return clear(step, context);
  await requireHope(bench, index);
  const began = bench.clock.now();
  await undo(step, context);
  await bench.emit({ kind: 'undone', index, ms: bench.clock.now() - began });
};

const asItStands = (step: SwapStep, id: string | undefined): SwapStep =>
  id === undefined ? step : { ...step, old: { ...step.old, id } };

type Failure = { readonly index: number; readonly error: unknown };

const stick = (bench: Bench, failures: readonly Failure[]): Promise<void> => {
  const { id, plan, steps } = bench.run();
  const commands = failures.flatMap(({ index }) => {
    const step = plan.steps[index];
    return step?.kind === 'swap'
      ? [
          `# on ${step.old.host}:`,
          ...commandsFor(asItStands(step, steps[index]?.standInId), id, steps[index]?.createdId),
        ]
      : [];
  });
  const why = [...new Set(failures.map(({ error }) => messageOf(error)))].join('; ');
  return bench.emit({ kind: 'stuck', why: bench.tail(why), commands });
};

/**
 * A host that does not answer says nothing of the old version, nor does somebody else's hand on one container: neither
 * must keep the others on the new one.
 */
const saysNothingOfOthers = (error: unknown): boolean =>
  error instanceof Hopeless ||
  (error instanceof EngineError && (error.unknown || error.status === undefined));

/** The indices that were begun and are not undone yet, newest first. */
const begun = (bench: Bench): readonly number[] =>
  [...bench.run().steps.entries()]
    .filter(([, state]) => ['started', 'done', 'failed'].includes(state.status))
    .map(([index]) => index)
    .reverse();

/** A look at everybody else never hinders going back. */
const lookBack = async (bench: Bench): Promise<void> => {
  try {
    const now = await lookAround({ ...bench, run: bench.run() });
    await bench.emit({
      kind: 'bystanders',
      report: reportOf(baselineOf(bench.run(), bench.journal.state()), now),
    });
    for (const { host, why } of now.silent)
      await bench.emit({ kind: 'noted', text: `${host} could not be looked at: ${bench.tail(why)}` });
  } catch (error) {
    if (error instanceof Stopping) throw error;
    await bench.emit({
      kind: 'noted',
      text: `The other containers could not be looked at: ${bench.tail(messageOf(error))}`,
    });
  }
};

/** Undoes newest first. Never rolls back a roll back: where it fails the run is stuck and asks for a person. */
export const goBack = async (bench: Bench): Promise<void> => {
  const began = Date.parse(bench.run().rollback?.at ?? new Date(bench.clock.now()).toISOString());
  const moved = noWayBack(bench.run());
  // The click came in time, and the migration began while it was written down.
  if (moved && bench.run().rollback?.restored === undefined)
    return bench.emit({ kind: 'stuck', why: `${moved.why} ${moved.wayOut}`, commands: [] });
  const left: Failure[] = [];
  for (const index of begun(bench)) {
    try {
      await undoStep(bench, index);
    } catch (error) {
      if (error instanceof Stopping) throw error;
      if (!saysNothingOfOthers(error)) return stick(bench, [...left, { index, error }]);
      left.push({ index, error });
    }
  }
  if (left.length > 0) return stick(bench, left);
  const ms = bench.clock.now() - began;
  await compareKept(bench);
  await lookBack(bench);
  await askAfterBack(bench, contextFor(bench, { part: 'steps', index: 0, back: true }).checkpoint);
  await bench.emit({ kind: 'rolled-back', ms });
};
