import { messageOf } from '../errors.js';
import { Stopping } from '../steps/context.js';
import { performStep } from './go-forward.js';
import { NO_ROOM } from './room.js';
import type { Bench } from './runner.js';
import { notServing } from './serving.js';

/**
 * Restarts that are still to be made are judged right after that, and what they restart may lie still from one that was
 * cut off. The kept old container is the only way back from a dead one.
 */
const deadBefore = (bench: Bench): Promise<readonly string[]> => {
  const { plan, finalize } = bench.run();
  return notServing(
    bench,
    plan.finalize.flatMap((step, index) =>
      step.kind === 'restart' && finalize[index]?.status !== 'done' ? [step.index] : [],
    ),
  );
};

/**
 * The point of no return: restarts, online and contract migrations, then the kept containers go. A failure before the
 * last part leaves every kept container where it is, and Finalize may be pressed again.
 */
export const finalizeRun = async (bench: Bench): Promise<void> => {
  const began = bench.clock.now();
  const dead = await deadBefore(bench);
  if (dead.length > 0)
    return bench.emit({
      kind: 'finalize-failed',
      why: bench.tail(`The new version does not serve: ${dead.join('; ')}. Nothing was done.`),
    });
  for (const index of bench.run().plan.finalize.keys()) {
    const status = bench.run().finalize[index]?.status;
    if (status === 'done') continue;
    if (status === 'pending' && bench.journal.low())
      return bench.emit({ kind: 'finalize-failed', why: NO_ROOM });
    try {
      await performStep(bench, 'finalize', index);
    } catch (error) {
      if (error instanceof Stopping) throw error;
      return bench.emit({ kind: 'finalize-failed', why: bench.tail(messageOf(error)) });
    }
  }
  await bench.emit({ kind: 'finalized', ms: bench.clock.now() - began });
};
