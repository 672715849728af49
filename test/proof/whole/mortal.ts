import type { Log } from '../../../src/log.js';
import type { Clock } from '../../../src/probes/clock.js';
import type { CloudEvent, RunEvent } from '../../../src/run/event.js';
import type { Journal } from '../../../src/run/journal.js';
import type { SlackPosts } from '../../../src/slack/delivery.js';
import type { Stage } from './stage.js';

/*
 * The world as one life of the bot's process reaches it: once that life is over, nothing answers it any more.
 */

/** What a dead process waits for. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Done by an outsider around each append of the bot: it may fail it, or end the process. */
export type AroundAppend = (write: () => Promise<void>, what: string) => Promise<void>;

const HARMLESS =
  /was interrupted|does not take the interruption|expiry was not journaled|could not be journaled/;

/** Nothing is logged; what only a bug would log is blamed. */
export const logOf = ({ diary }: Stage, alive: () => boolean): Log => {
  const silent = () => undefined;
  const error = (said: unknown, text?: string): void => {
    if (!alive() || HARMLESS.test(text ?? '')) return;
    const err = (said as { err?: unknown }).err;
    diary.blame(`the bot logged an error: ${text ?? ''} ${err instanceof Error ? err.stack : String(err)}`);
  };
  const log = { error, warn: silent, info: silent, debug: silent, trace: silent, fatal: error };
  return { ...log, child: () => log } as unknown as Log;
};

/** `skew`: how far the machine's clock was off when the process began, in milliseconds. */
export const clockOf = ({ clock }: Stage, alive: () => boolean, skew: number): Clock => ({
  now: () => clock.now() + skew,
  sleep: async (ms) => {
    await clock.sleep(ms);
    return alive() ? undefined : never();
  },
});

export const journalOf = (kept: Journal, alive: () => boolean, around: AroundAppend): Journal => {
  const mine = async (write: () => Promise<void>, what: string): Promise<void> => {
    if (!alive()) return never();
    await around(write, what);
    return alive() ? undefined : never();
  };
  return {
    ...kept,
    append: (run: string, event: RunEvent) => mine(() => kept.append(run, event), event.kind),
    appendCloud: (event: CloudEvent) => mine(() => kept.appendCloud(event), event.kind),
    subscribe: (listener) =>
      kept.subscribe((run) => {
        if (alive()) listener(run);
      }),
    close: async () => undefined,
  };
};

/** Slack as one life of the process reaches it. */
export const postsOf = ({ slack }: Stage, alive: () => boolean): SlackPosts => {
  const mine =
    <W, T>(call: (wanted: W) => Promise<T>) =>
    async (wanted: W): Promise<T> => {
      if (!alive()) return never();
      const answer = await call(wanted).catch((error: unknown) => {
        if (alive()) throw error;
        return never<T>();
      });
      return alive() ? answer : never();
    };
  return {
    chat: { postMessage: mine(slack.chat.postMessage), update: mine(slack.chat.update) },
    conversations: { history: mine(slack.conversations.history), replies: mine(slack.conversations.replies) },
  } as unknown as SlackPosts;
};
