import { messageOf } from '../errors.js';
import type { SeenContainer } from '../plan/plan.js';
import { look } from '../steps/act.js';
import { Stopping } from '../steps/context.js';
import { contextFor } from './context-for.js';
import { performStep } from './go-forward.js';
import { NO_ROOM } from './room.js';
import type { Bench } from './runner.js';

/** What stands under one service's name now; the kept old container is the only way back from a dead one. */
const whyNot = async (bench: Bench, { host, name, id }: SeenContainer): Promise<readonly string[]> => {
  try {
    const context = contextFor(bench, { part: 'finalize', index: 0, back: false });
    const bearer = await look(context, () => bench.engineOf(host).inspect(name));
    if (!bearer || bearer.Id === id) return [`there is no new ${name} on ${host}`];
    if (!bearer.State.Running) return [`${name} on ${host} is ${bearer.State.Status}`];
    return bearer.State.Health?.Status === 'unhealthy' ? [`${name} on ${host} is unhealthy`] : [];
  } catch (error) {
    return [`${host} does not answer: ${messageOf(error)}`];
  }
};

/** What is still to be restarted is judged right after that, and may lie still from a restart that was cut off. */
const notServing = async (bench: Bench): Promise<readonly string[]> => {
  const { plan, finalize } = bench.run();
  const restarts = plan.finalize.flatMap((step, index) =>
    step.kind === 'restart' && finalize[index]?.status !== 'done' ? [step.index] : [],
  );
  const swaps = plan.steps.flatMap((step, index) =>
    step.kind === 'swap' && !restarts.includes(index) ? [step.old] : [],
  );
  return (await Promise.all(swaps.map((old) => whyNot(bench, old)))).flat();
};

/**
 * The point of no return: restarts, online and contract migrations, then the kept containers go. A failure before the
 * last part leaves every kept container where it is, and Finalize may be pressed again.
 */
export const finalizeRun = async (bench: Bench): Promise<void> => {
  const began = bench.clock.now();
  const dead = await notServing(bench);
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
