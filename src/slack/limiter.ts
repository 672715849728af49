import { Refusal } from '../errors.js';
import { realClock } from '../probes/clock.js';
import type { Actor } from '../run/event.js';
import type { Inbound } from './inbound.js';

const WINDOW_MS = 60_000;

/** Typed commands, clicks, and answers of each person in a minute. */
export const MOST = { typed: 10, clicks: 30, answers: 30 } as const;

/** What stops a run is never refused, however much one has said. */
const ALWAYS = /^(rollback|cancel)\b/i;

/** Whether something still fits, for each key at most `most` in any minute; what does not fit does not count. */
const perMinute = (most: number, now: () => number) => {
  const taken = new Map<string, readonly number[]>();
  let tidied = now();
  const recent = (key: string): readonly number[] =>
    (taken.get(key) ?? []).filter((at) => at > now() - WINDOW_MS);
  const tidy = (): void => {
    if (now() - tidied < WINDOW_MS) return;
    tidied = now();
    for (const key of taken.keys()) if (recent(key).length === 0) taken.delete(key);
  };
  return (key: string): boolean => {
    tidy();
    const before = recent(key);
    if (before.length >= most) return false;
    taken.set(key, [...before, now()]);
    return true;
  };
};

/** Keeps one person, or a loop that has their name, from taking the bot away from the others. */
export const limiter = ({ now = realClock.now }: { readonly now?: () => number } = {}) => {
  const typed = perMinute(MOST.typed, now);
  const clicks = perMinute(MOST.clicks, now);
  const answers = perMinute(MOST.answers, now);
  return {
    /** The refusal `too-many`, where the person has asked too often; `undefined` where the request may be served. */
    tooMany: ({ kind, text, user }: Inbound, { name }: Pick<Actor, 'name'>): Refusal | undefined => {
      const most = kind === 'button' ? MOST.clicks : MOST.typed;
      const fits = kind === 'button' ? clicks(user) : typed(user);
      return fits || ALWAYS.test(text)
        ? undefined
        : new Refusal(
            'too-many',
            `${name} has used up the ${most} ${kind === 'button' ? 'clicks' : 'commands'} of this minute.`,
            'Wait a minute. rollback and cancel work all the same.',
          );
    },
    mayAnswer: ({ user }: Inbound): boolean => answers(user),
  };
};
