import { BOT } from './actor.js';
import type { Bench } from './runner.js';

/**
 * After a roll back, a stuck run or a failed Finalize the service is held, with the reason, until a person releases it; a
 * Finalize that works at a later try takes back its own hold.
 */
export const closeRun = async (bench: Bench): Promise<void> => {
  const run = bench.run();
  const { service } = run.plan;
  const held = bench.journal.state().holds[service];
  const reason = reasonOf(bench);
  if (run.phase === 'finalized' && held?.run === run.id)
    return bench.journal.appendCloud({ kind: 'unheld', service, by: BOT });
  if (reason && held?.reason !== reason)
    await bench.journal.appendCloud({ kind: 'held', service, by: BOT, reason, run: run.id });
};

const reasonOf = (bench: Bench): string | undefined => {
  const run = bench.run();
  switch (run.phase) {
    case 'rolled-back':
      return `Run ${run.id} was rolled back: ${run.rollback?.why ?? 'no reason given'}`;
    case 'stuck':
      return `Run ${run.id} is stuck while going back: ${run.why ?? ''}`;
    case 'finalize-failed':
      return `Finalize of run ${run.id} failed: ${run.why ?? ''}`;
    default:
      return undefined;
  }
};
