import { z } from 'zod';
import { ACTION_PREFIX } from '../render/buttons.js';

/*
 * What Slack sends, checked before anything is believed: Bolt hands on signed payloads without a team, with `user` as a
 * plain string or with an object as a button's value. The person is always the envelope's, never one named in a text.
 */

const userId = z.string().regex(/^[UW][A-Z0-9]+$/);
const teamId = z.string().regex(/^[TE][A-Z0-9]+$/);
const channelId = z.string().regex(/^[CGD][A-Z0-9]+$/);
const orgId = z.string().regex(/^E[A-Z0-9]+$/);
const appId = z.string().regex(/^A[A-Z0-9]+$/);
const ts = z.string().regex(/^\d+\.\d+$/);
const words = z.string().max(4_000);

const slash = z.object({
  team_id: teamId,
  enterprise_id: orgId.nullish(),
  api_app_id: appId.optional(),
  user_id: userId,
  user_name: z.string().max(200).optional(),
  channel_id: channelId,
  command: z.string(),
  text: words.default(''),
  trigger_id: z.string().min(1).max(300),
  response_url: z.url().optional(),
});

const action = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: teamId, enterprise_id: orgId.nullish() }),
  enterprise: z.object({ id: orgId }).nullish(),
  api_app_id: appId.optional(),
  user: z.object({
    id: userId,
    team_id: teamId.optional(),
    name: z.string().max(200).optional(),
    username: z.string().max(200).optional(),
  }),
  channel: z.object({ id: channelId }),
  container: z.object({
    type: z.literal('message'),
    message_ts: ts,
    thread_ts: ts.optional(),
    is_ephemeral: z.boolean().optional(),
  }),
  message: z.object({ thread_ts: ts.optional() }).optional(),
  response_url: z.url().optional(),
  actions: z
    .array(
      z.object({
        type: z.literal('button'),
        action_id: z.string().startsWith(ACTION_PREFIX).max(255),
        value: z.string().max(2_000).default(''),
        action_ts: z.string().max(64),
      }),
    )
    .length(1),
});

const mention = z.object({
  team_id: teamId,
  enterprise_id: orgId.nullish(),
  api_app_id: appId.optional(),
  is_ext_shared_channel: z.boolean().optional(),
  event: z.object({
    type: z.literal('app_mention'),
    team: teamId.optional(),
    // In a channel shared with another organisation Slack says whose the person is.
    user_team: teamId.optional(),
    source_team: teamId.optional(),
    user: userId,
    bot_id: z.string().optional(),
    text: words,
    ts,
    thread_ts: ts.optional(),
    channel: channelId,
    edited: z.unknown().optional(),
  }),
});

/** One request of one person, from whichever of Slack's doors. */
export type Inbound = {
  readonly kind: 'slash' | 'button' | 'mention';
  /** Equal for two deliveries of the same request. */
  readonly key: string;
  /** Equal for the two halves of a double click; buttons only. */
  readonly clickKey?: string;
  /** Workspaces that the envelope names: the one it is addressed to first, then the person's. */
  readonly teams: readonly string[];
  readonly enterprise: string | undefined;
  /** The Slack app that it was made to. */
  readonly app: string | undefined;
  /** Slack says that people of another organisation are in the channel. */
  readonly sharedOutside: boolean;
  readonly user: string;
  /** Slack's own name of the person; only a fallback for one who is not in the people list. */
  readonly userName: string | undefined;
  readonly channel: string;
  /** Message that an answer goes below. */
  readonly thread: string | undefined;
  /** Whether that message has a thread already, in which the person is. */
  readonly threaded: boolean;
  /** Message whose button was clicked. */
  readonly clicked: string | undefined;
  readonly responseUrl: string | undefined;
  /** The words, verb first. */
  readonly text: string;
};

const named = (team: string | undefined): readonly string[] => (team === undefined ? [] : [team]);

export const readSlash = (body: unknown): Inbound => {
  const said = slash.parse(body);
  return {
    kind: 'slash',
    key: `slash:${said.team_id}:${said.user_id}:${said.trigger_id}`,
    teams: [said.team_id],
    enterprise: said.enterprise_id ?? undefined,
    app: said.api_app_id,
    sharedOutside: false,
    user: said.user_id,
    userName: said.user_name,
    channel: said.channel_id,
    thread: undefined,
    threaded: false,
    clicked: undefined,
    responseUrl: said.response_url,
    text: said.text.trim() || 'help',
  };
};

/** The words of a click: its verb and the reference that its button carries. */
export const readButton = (body: unknown): Inbound => {
  const said = action.parse(body);
  const [click] = said.actions;
  if (!click) throw new Error('a click without an action');
  const verb = click.action_id.slice(ACTION_PREFIX.length);
  const thread = said.container.thread_ts ?? said.message?.thread_ts;
  const clickKey = `click:${said.channel.id}:${said.container.message_ts}:${click.action_id}:${click.value}:${said.user.id}`;
  return {
    kind: 'button',
    key: `${clickKey}:${click.action_ts}`,
    clickKey,
    teams: [said.team.id, ...named(said.user.team_id)],
    enterprise: said.enterprise?.id ?? said.team.enterprise_id ?? undefined,
    app: said.api_app_id,
    sharedOutside: false,
    user: said.user.id,
    userName: said.user.name ?? said.user.username,
    channel: said.channel.id,
    thread,
    threaded: thread !== undefined,
    clicked: said.container.is_ephemeral ? undefined : said.container.message_ts,
    responseUrl: said.response_url,
    text: `${verb} ${click.value}`.trim(),
  };
};

/** `undefined` for what is not a request: another bot's mention, or an edited message. */
export const readMention = (body: unknown): Inbound | undefined => {
  const { team_id, event, ...envelope } = mention.parse(body);
  if (event.bot_id !== undefined || event.edited !== undefined) return undefined;
  return {
    kind: 'mention',
    key: `mention:${team_id}:${event.channel}:${event.ts}:${event.user}`,
    teams: [team_id, ...[event.team, event.user_team, event.source_team].flatMap(named)],
    enterprise: envelope.enterprise_id ?? undefined,
    app: envelope.api_app_id,
    sharedOutside: envelope.is_ext_shared_channel === true,
    user: event.user,
    userName: undefined,
    channel: event.channel,
    thread: event.thread_ts ?? event.ts,
    threaded: event.thread_ts !== undefined,
    clicked: undefined,
    responseUrl: undefined,
    text: event.text.replace(/<@[UW][A-Z0-9]+(?:\|[^>]*)?>/, '').trim() || 'help',
  };
};
