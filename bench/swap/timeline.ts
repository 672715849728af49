import type { App } from '../../src/app.js';
import type { RunEvent } from '../../src/run/event.js';

type Noted = { readonly at: number; readonly event: RunEvent };

/** Where the time of one exchange went, in milliseconds, as the journal has it. */
export type Timeline = {
  readonly stopMs: number;
  /** From the answered stop to the moment at which the engine is told to start the other one. */
  readonly betweenMs: number;
  readonly startMs: number;
  /** When the start was answered, with success or not. */
  readonly startedAt: number;
};

/** The first stop and the first start among the events, in the order in which they were journaled. */
export const timelineOf = (events: readonly Noted[]): Timeline => {
  const call = (kind: 'call' | 'call-ended', op: string): Noted & { ms: number } => {
    const found = events.find(({ event }) => event.kind === kind && event.op === op);
    if (!found) throw new Error(`the journal has no ${kind} of ${op}`);
    return { ...found, ms: found.event.kind === 'call-ended' ? found.event.ms : 0 };
  };
  const stopped = call('call-ended', 'stop');
  const [start, started] = [call('call', 'start'), call('call-ended', 'start')];
  return {
    stopMs: stopped.ms,
    betweenMs: start.at - stopped.at,
    startMs: started.ms,
    startedAt: started.at,
  };
};

/** A run's events before and after it was decided to go back. */
export const eventsOf = async (
  app: App,
  run: string,
): Promise<{ readonly forward: readonly Noted[]; readonly back: readonly Noted[] }> => {
  const all = (await app.eventsOf(run)).map(({ at, event }) => ({ at: Date.parse(at), event }));
  const turn = all.findIndex(({ event }) => event.kind === 'rollback');
  return turn < 0 ? { forward: all, back: [] } : { forward: all.slice(0, turn), back: all.slice(turn) };
};
