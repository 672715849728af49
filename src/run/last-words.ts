import type { Bench } from './runner.js';

/** As many lines of it as are read, and how long that may take: people can answer meanwhile, but nothing is done. */
const LINES = 40;
const MOST_MS = 5_000;

const printed = async ({ engineOf, clock }: Bench, host: string, id: string): Promise<string> => {
  try {
    return await Promise.race([engineOf(host).logs(id, LINES), clock.sleep(MOST_MS).then(() => '')]);
  } catch {
    return '';
  }
};

/**
 * What the new container of the swap that is not well printed last goes into the journal once people are asked: they
 * then need no shell on the host to answer. It is evidence and decides nothing, so an engine that does not tell it is
 * asked once, and nothing is kept where somebody has answered already.
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
  const text = await printed(bench, step.old.host, id);
  if (text.trim() !== '' && bench.run().turn === run.turn)
    await bench.emit({ kind: 'kept-log', index, tail: bench.tail(text) });
};
