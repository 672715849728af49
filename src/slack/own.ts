import { channelWatch, type PlaceOptions } from './place.js';
import type { Sender } from './search.js';
import type { Standing } from './standing.js';

/** What Slack has said so far of us and of the channel. */
export type Own = {
  /** Whether a message is the bot's; `undefined` while it does not know who it is. */
  readonly posted: () => ((sender: Sender) => boolean) | undefined;
  /** Who from outside reads the channel. `undefined`: nobody, or Slack does not say. Never throws. */
  readonly outsiders: () => Promise<string | undefined>;
};

/** Believes every message, and that nobody reads along: for tests and simulations. */
export const UNASKED: Own = { posted: () => () => true, outsiders: async () => undefined };

/** Nothing waits for what Slack has not said yet: messages go on meanwhile. */
export const ownOf = (standing: Promise<Standing>, asking: Omit<PlaceOptions, 'home'>): Own => {
  let known: Standing | undefined;
  standing.then(
    (at) => {
      known = at;
    },
    () => undefined,
  );
  const watch = channelWatch({ ...asking, home: async () => (await standing).home });
  return {
    posted: () => {
      if (!known) return undefined;
      const { botUser, botId } = known;
      return ({ user, bot_id }) => user === botUser || (botId !== undefined && bot_id === botId);
    },
    outsiders: async () => (known ? watch.outsiders().catch(() => undefined) : undefined),
  };
};
