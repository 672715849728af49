import type { Bench } from './runner.js';

/** As many lines of it as are read. */
const LINES = 40;

/**
 * What the new container of the swap that is not well printed last goes into the journal before people are asked: they
 * then need no shell on the host to answer. It is evidence and decides nothing, so an engine that does not tell it is
 * asked once.
 */
export const keepLastWords = async (bench: Bench): Promise<void> => {
  const run = bench.run();
  const index = run.steps.findIndex(
    ({ status, health, createdId }) =>
      (status === 'started' || status === 'failed') && health !== undefined && createdId !== undefined,
  );
  const step = run.plan.steps[index];
  const id = run.steps[index]?.createdId;
  if (step?.kind !== 'swap' || id === undefined || bench.stopping()) return;
  const text = await bench
    .engineOf(step.old.host)
    .logs(id, LINES)
    .catch(() => '');
  if (text.trim() !== '') await bench.emit({ kind: 'kept-log', index, tail: bench.tail(text) });
};
