import { WebAPIPlatformError } from '@slack/web-api';
import { z } from 'zod';
import type { Config } from '../config.js';
import { messageOf, Refusal } from '../errors.js';
import { cached } from './cached.js';
import type { Home } from './home.js';
import type { Inbound } from './inbound.js';

const flag = z.boolean().default(false);

const channelInfo = z.looseObject({
  channel: z.looseObject({
    id: z.string(),
    name: z.string().optional(),
    is_shared: flag,
    is_ext_shared: flag,
    is_org_shared: flag,
    is_pending_ext_shared: flag,
    pending_shared: z.array(z.unknown()).default([]),
    pending_connected_team_ids: z.array(z.unknown()).default([]),
  }),
});

type Channel = z.infer<typeof channelInfo>['channel'];

/** Whether people can read along who are not of the workspaces that are served, or are invited to. */
export const readByOthers = (channel: Channel, { wide }: Pick<Home, 'wide'>): boolean =>
  channel.is_ext_shared ||
  channel.is_pending_ext_shared ||
  channel.pending_shared.length > 0 ||
  channel.pending_connected_team_ids.length > 0 ||
  // Shared inside one organisation is shared, too, unless the settings name that organisation.
  ((channel.is_shared || channel.is_org_shared) && !(wide && channel.is_org_shared));

/** The question of Slack's client that is asked. */
export type SlackChannels = {
  readonly conversations: { readonly info: (wanted: { channel: string }) => Promise<unknown> };
};

export type PlaceOptions = {
  readonly client: SlackChannels;
  readonly config: Pick<Config, 'channel'>;
  readonly home: () => Promise<Home>;
  /** Epoch milliseconds; for tests. */
  readonly now?: () => number;
};

const whyUntold = (error: unknown): string => {
  if (!(error instanceof WebAPIPlatformError)) return messageOf(error);
  return error.data.error === 'missing_scope'
    ? 'the Slack app lacks the scopes channels:read and groups:read; add them and install the app again'
    : `Slack answers "${error.data.error}"`;
};

/** The bot's own channel, at most a minute old, whose errors are those of Slack's client. */
export const channelWatch = ({ client, config, home, now }: PlaceOptions) => {
  const channels = cached(
    async (channel) => channelInfo.parse(await client.conversations.info({ channel })).channel,
    now,
  );
  const own = () => channels.get(config.channel);
  return {
    own,
    /** Why nothing that is said there counts: who reads along; `undefined` where nobody does. */
    outsiders: async (): Promise<string | undefined> => {
      const channel = await own();
      if (channel.id === config.channel && !readByOthers(channel, await home())) return undefined;
      return `people of another organisation or workspace can read ${nameOf(channel)}, or are invited to`;
    },
    forget: channels.forget,
  };
};

const nameOf = ({ id, name }: Channel): string => (name === undefined ? id : `#${name}`);

/**
 * Lets a request through that was made in the bot's own channel while nobody from outside can read it; looked up at each
 * request, and at most a minute old. A channel can be shared with another organisation at any time. Throws a Refusal.
 */
export const placeGuard = (options: PlaceOptions) => {
  const watch = channelWatch(options);
  const ownChannel = async (): Promise<Channel> => {
    try {
      return await watch.own();
    } catch (error) {
      throw new Refusal(
        'cannot-tell',
        `Slack does not say who can read this channel: ${whyUntold(error)}.`,
        'Nothing was done. Try again in a minute, or use the command line on the bot’s machine: npx stackswap.',
      );
    }
  };
  return async ({ channel, sharedOutside }: Pick<Inbound, 'channel' | 'sharedOutside'>): Promise<void> => {
    const name = nameOf(await ownChannel());
    if (channel !== options.config.channel)
      throw new Refusal('wrong-channel', 'Stackswap does not listen here.', `Ask in ${name}.`);
    if (sharedOutside || (await watch.outsiders()) !== undefined)
      throw new Refusal(
        'wrong-channel',
        `People of another organisation or workspace can read ${name}, or are invited to: nothing is done there, and no new message is posted.`,
        'Stop sharing the channel, or have another one set as "channel" in the bot’s settings. The command line works meanwhile: npx stackswap.',
      );
  };
};
