import type { Clock } from '../probes/clock.js';
import type { Outcome } from './delivery.js';

type Method = 'post' | 'update';

const WINDOW_MS = 60_000;

/** What Slack takes of calls; all messages share it. */
export const callBudget = ({
  updatesPerMinute,
  clock,
}: {
  readonly updatesPerMinute: number;
  readonly clock: Clock;
}) => {
  const pausedUntil = { post: 0, update: 0 };
  const updates: number[] = [];

  const updatesFrom = (): number => {
    while ((updates[0] ?? Number.POSITIVE_INFINITY) < clock.now() - WINDOW_MS) updates.shift();
    const blocking = updates.at(-updatesPerMinute);
    return blocking === undefined ? 0 : blocking + WINDOW_MS;
  };

  return {
    /** When there is room for a call: milliseconds since 1970, past where there is room now. */
    roomAt: (method: Method): number =>
      method === 'update' ? Math.max(pausedUntil.update, updatesFrom()) : pausedUntil.post,
    /** Slack asks to wait so many milliseconds. */
    pause: (method: Method, ms: number): void => {
      pausedUntil[method] = clock.now() + ms;
    },
    /** An update was tried. What never arrived does not use up Slack's budget. */
    book: ({ kind }: Outcome): void => {
      if (kind !== 'unknown') updates.push(clock.now());
    },
  };
};

export type Budget = ReturnType<typeof callBudget>;
