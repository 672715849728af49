import type { Logger } from 'pino';
import { messageOf } from '../errors.js';

export type Persistence = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds between two tries. */
  readonly everyMs: number;
};

/** Ends early, and without an error, when the signal comes. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      // An outage of hours is thousands of pauses on one signal.
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

/** Node says only "fetch failed"; what failed (a name, a port, a certificate) stands in the innermost cause. */
const whyOf = (error: unknown): string => {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  return inner === error ? messageOf(error) : `${messageOf(error)} (${messageOf(inner)})`;
};

/** Repeats until it works or the bot stops: a Slack that is away must not end the bot, nor leave it deaf. */
export const persistently = async <T>(
  what: string,
  act: () => Promise<T>,
  { log, signal, everyMs }: Persistence,
): Promise<T> => {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ why: whyOf(error) }, `${what}; trying again in ${everyMs / 1_000} s`);
    }
    await pause(everyMs, signal);
    if (signal.aborted) throw new Error('the bot was stopped before Slack answered');
  }
};
