import type { Logger } from 'pino';

type Lane = { busy: boolean; again: boolean; timer?: NodeJS.Timeout };

/** Milliseconds after which a look that threw is repeated. */
const AFTER_BUG_MS = 30_000;

/**
 * Looks at things by their id, never twice at once at the same one. `lookAt` answers with the time (milliseconds since
 * 1970) at which to look again, or 0; a call of `look` during a look makes it look once more.
 */
export const lanes = (lookAt: (id: string) => Promise<number>, log: Logger) => {
  const all = new Map<string, Lane>();
  let open = true;

  const safely = (id: string): Promise<number> =>
    lookAt(id).catch((error: unknown) => {
      log.error({ run: id, err: error }, 'the messages of a run could not be kept current');
      return Date.now() + AFTER_BUG_MS;
    });

  const work = async (id: string, lane: Lane): Promise<void> => {
    lane.busy = true;
    let next = 0;
    do {
      lane.again = false;
      next = await safely(id);
    } while (lane.again);
    lane.busy = false;
    if (next > 0 && open) lane.timer = setTimeout(() => look(id), Math.max(1, next - Date.now()));
  };

  const look = (id: string): void => {
    if (!open) return;
    const lane = all.get(id) ?? { busy: false, again: false };
    all.set(id, lane);
    clearTimeout(lane.timer);
    delete lane.timer;
    if (lane.busy) lane.again = true;
    else void work(id, lane);
  };

  const busy = (): boolean => [...all.values()].some((lane) => lane.busy);

  return {
    look,
    /** True when nothing is looked at and no later look is due. */
    idle: (): boolean => !busy() && [...all.values()].every((lane) => lane.timer === undefined),
    /** One last look at what waits, for at most `graceMs`; then none. */
    close: async (graceMs: number): Promise<void> => {
      for (const [id, lane] of all) if (lane.busy || lane.timer) look(id);
      open = false;
      const until = Date.now() + graceMs;
      while (busy() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
};
