import type { WebClient } from '@slack/web-api';
import { WebAPIPlatformError } from '@slack/web-api';
import { z } from 'zod';
import type { Config } from '../config.js';
import { messageOf } from '../errors.js';
import { type Home, homeOf, identity } from './home.js';

/** Who the bot is in Slack, and what keeps it from working there. */
export type Standing = {
  readonly team: string;
  /** Whose requests are served. */
  readonly home: Home;
  readonly botUser: string;
  readonly botId: string | undefined;
  /** One sentence each, with the way out; for the log and the terminal. */
  readonly problems: readonly string[];
};

const channelInfo = z.looseObject({
  channel: z.looseObject({
    name: z.string().optional(),
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
});

const channelProblems = async (
  client: WebClient,
  channel: string,
  bot: string,
): Promise<readonly string[]> => {
  try {
    const { channel: info } = channelInfo.parse(await client.conversations.info({ channel }));
    const name = `#${info.name ?? channel}`;
    return [
      ...(info.is_archived
        ? [`The channel ${name} is archived: set another one as "channel" in the YAML file.`]
        : []),
      ...(info.is_member === false ? [`The bot is not in ${name}: type "/invite @${bot}" there.`] : []),
      ...(info.is_ext_shared
        ? [
            `The channel ${name} is shared with another organisation: its people can read every message there, and nothing that is asked there is done.`,
          ]
        : []),
    ];
  } catch (error) {
    const code = error instanceof WebAPIPlatformError ? error.data.error : undefined;
    if (code === 'channel_not_found')
      return [
        `Slack knows no channel ${channel} that the bot can see: check "channel" in the YAML file; in a private channel type "/invite @${bot}".`,
      ];
    if (code === 'missing_scope')
      return [
        'The bot may not look up its channel: add the scopes channels:read and groups:read, and reinstall the app.',
      ];
    // Nobody waits for this: the bot serves the commands that reach it all the same.
    return [`The channel ${channel} could not be looked up: ${messageOf(error)}.`];
  }
};

/** Nothing but the scope is asked for: whether the channel is there is told by the other question. */
const historyProblems = async (client: WebClient, channel: string): Promise<readonly string[]> => {
  const code = await client.conversations.history({ channel, limit: 1 }).then(
    () => undefined,
    (error: unknown) => (error instanceof WebAPIPlatformError ? error.data.error : undefined),
  );
  return code === 'missing_scope'
    ? [
        'The bot may not look whether a message arrived whose answer was lost, and posts it again: it can stand twice. Add the scopes channels:history and groups:history, and reinstall the app.',
      ]
    : [];
};

/** Asks Slack who we are and whether the channel is ours to speak in. Throws when Slack does not answer. */
export const standingOf = async (
  client: WebClient,
  { channel, workspace }: Pick<Config, 'channel' | 'workspace'>,
  appToken?: string,
): Promise<Standing> => {
  const me = identity.parse(await client.auth.test());
  const home = homeOf(me, workspace, appToken);
  const problems = await Promise.all([
    channelProblems(client, channel, me.user),
    historyProblems(client, channel),
  ]);
  return {
    team: me.team_id,
    home,
    botUser: me.user_id,
    botId: me.bot_id,
    problems: [...home.problems, ...problems.flat()],
  };
};
