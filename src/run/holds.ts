import { BOT } from './actor.js';
import type { RunEvent } from './event.js';
import type { Run, State } from './run.js';

const HOLD_REASON: Partial<Record<RunEvent['kind'], (run: Run) => string>> = {
  'rolled-back': (run) => `Run ${run.id} was rolled back: ${run.rollback?.why ?? 'no reason given'}`,
  stuck: (run) => `Run ${run.id} is stuck while going back: ${run.why ?? ''}`,
  abandoned: (run) =>
    `Run ${run.id} was closed as it was by ${run.decidedBy?.name ?? 'a person'}: ${run.why ?? run.asked?.why ?? 'it could not go on'}`,
  'finalize-failed': (run) => `Finalize of run ${run.id} failed: ${run.why ?? ''}`,
};

/**
 * A roll back, a stuck run and a failed Finalize hold the service until a person releases it; a Finalize that works at
 * a later try takes its own hold back. The hold is part of the event, so no crash can come between. A person's hold is
 * never replaced.
 */
export const holdsAfter = (
  holds: State['holds'],
  run: Run,
  { event, at }: { event: RunEvent; at: string },
): State['holds'] => {
  const { service } = run.plan;
  const { [service]: held, ...others } = holds;
  if (held && held.by.door !== 'bot') return holds;
  const reason = HOLD_REASON[event.kind]?.(run);
  if (reason !== undefined) return { ...others, [service]: { service, by: BOT, reason, at, run: run.id } };
  return event.kind === 'finalized' && held?.run === run.id ? others : holds;
};
