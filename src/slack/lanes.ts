import type { Logger } from 'pino';
import { type Clock, realClock } from '../probes/clock.js';

/** `due`: when to look again, 0 for never. `wakes`: when the sleeper under way wakes, 0 where there is none. */
type Lane = { busy: boolean; again: boolean; due: number; wakes: number };

/** Milliseconds after which a look that threw is repeated. */
const AFTER_BUG_MS = 30_000;

type LanesOptions = {
  readonly lookAt: (id: string) => Promise<number>;
  readonly log: Logger;
  readonly clock?: Clock;
};

/**
 * Looks at things by their id, never twice at once at the same one. `lookAt` answers with the time (milliseconds since
 * 1970) at which to look again, or 0; a call of `look` during a look makes it look once more.
 */
export const lanes = ({ lookAt, log, clock = realClock }: LanesOptions) => {
  const all = new Map<string, Lane>();
  let open = true;

  const safely = (id: string): Promise<number> =>
    lookAt(id).catch((error: unknown) => {
      log.error({ run: id, err: error }, 'the messages of a run could not be kept current');
      return clock.now() + AFTER_BUG_MS;
    });

  /** A sleeper cannot be woken early, so one that wakes before the time looks at what is due by then. */
  const wait = async (id: string, lane: Lane): Promise<void> => {
    if (lane.wakes > 0 && lane.wakes <= lane.due) return;
    const wakes = lane.due;
    lane.wakes = wakes;
    await clock.sleep(Math.max(1, wakes - clock.now()));
    if (lane.wakes === wakes) lane.wakes = 0;
    if (!open || lane.due === 0) return;
    if (lane.due <= clock.now()) look(id);
    else await wait(id, lane);
  };

  const work = async (id: string, lane: Lane): Promise<void> => {
    lane.busy = true;
    let next = 0;
    do {
      lane.again = false;
      next = await safely(id);
    } while (lane.again);
    lane.busy = false;
    if (next <= 0 || !open) return;
    lane.due = next;
    await wait(id, lane);
  };

  const look = (id: string): void => {
    if (!open) return;
    const lane = all.get(id) ?? { busy: false, again: false, due: 0, wakes: 0 };
    all.set(id, lane);
    lane.due = 0;
    if (lane.busy) lane.again = true;
    else void work(id, lane);
  };

  /** At once for 0 milliseconds, else at the latest then; what is asked for meanwhile is the same look. */
  const lookWithin = (id: string, ms: number): void => {
    const lane = all.get(id);
    if (ms <= 0 || lane?.busy) look(id);
    if (ms <= 0 || lane?.busy || !open) return;
    const waiting = lane ?? { busy: false, again: false, due: 0, wakes: 0 };
    all.set(id, waiting);
    const due = clock.now() + ms;
    if (waiting.due > 0 && waiting.due <= due) return;
    waiting.due = due;
    void wait(id, waiting);
  };

  const busy = (): boolean => [...all.values()].some((lane) => lane.busy);

  return {
    look,
    lookWithin,
    /** True when nothing is looked at and no later look is due. */
    idle: (): boolean => !busy() && [...all.values()].every((lane) => lane.due === 0),
    /** One last look at what waits, for at most `graceMs`; then none. */
    close: async (graceMs: number): Promise<void> => {
      for (const [id, lane] of all) if (lane.busy || lane.due > 0) look(id);
      open = false;
      const until = clock.now() + graceMs;
      while (busy() && clock.now() < until) await clock.sleep(20);
    },
  };
};
