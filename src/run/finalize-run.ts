import { messageOf } from '../errors.js';
import { Stopping } from '../steps/context.js';
import { performStep } from './go-forward.js';
import type { Bench } from './runner.js';

/**
 * The point of no return: restarts, online and contract migrations, then the kept containers go. A failure before the
 * last part leaves every kept container where it is, and Finalize may be pressed again.
 */
export const finalizeRun = async (bench: Bench): Promise<void> => {
  const began = bench.clock.now();
  for (const index of bench.run().plan.finalize.keys()) {
    if (bench.run().finalize[index]?.status === 'done') continue;
    try {
      await performStep(bench, 'finalize', index);
    } catch (error) {
      if (error instanceof Stopping) throw error;
      return bench.emit({ kind: 'finalize-failed', why: bench.tail(messageOf(error)) });
    }
  }
  await bench.emit({ kind: 'finalized', ms: bench.clock.now() - began });
};
