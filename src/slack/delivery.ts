import {
  type ChatPostMessageArguments,
  type ChatUpdateArguments,
  type ConversationsHistoryArguments,
  type ConversationsRepliesArguments,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
} from '@slack/web-api';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import type { SlackMessage } from '../render/message.js';

/** What of Slack's client the messages of a run need. Answers are read with care, failures are its error classes. */
export type SlackPosts = {
  readonly chat: {
    postMessage(message: ChatPostMessageArguments): Promise<unknown>;
    update(message: ChatUpdateArguments): Promise<unknown>;
  };
  readonly conversations: {
    history(wanted: ConversationsHistoryArguments): Promise<unknown>;
    replies(wanted: ConversationsRepliesArguments): Promise<unknown>;
  };
};

export type Place = { readonly channel: string; readonly ts: string };

export type Outgoing = {
  readonly message: SlackMessage;
  readonly channel: string;
  /** Root of the thread to post in. */
  readonly thread?: string;
  /** Names the message in its metadata, so that it can be found again. */
  readonly mark: { readonly run: string; readonly slot: string };
};

export type Outcome =
  | { readonly kind: 'sent'; readonly place: Place }
  /** Slack asks for patience. */
  | { readonly kind: 'limited'; readonly ms: number }
  /** Slack does not know a block; nothing was posted. */
  | { readonly kind: 'blocks' }
  /** The message to update is not there any more, or not ours. */
  | { readonly kind: 'gone' }
  /** Slack said no; nothing was posted. */
  | { readonly kind: 'refused'; readonly why: string }
  /** No answer: the message may be there or not. */
  | { readonly kind: 'unknown'; readonly why: string };

const BLOCK_ERRORS: readonly string[] = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'block_mismatch',
];
const GONE_ERRORS: readonly string[] = [
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'is_inactive',
];

export const METADATA_EVENT = 'stackswap_message';

const answer = z.looseObject({ ok: z.literal(true), channel: z.string(), ts: z.string() });

/** What an error of Slack's client means for the message. */
export const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', ms: error.retryAfter * 1_000 };
  if (error instanceof WebAPIPlatformError) {
    const why = error.data.error;
    if (BLOCK_ERRORS.includes(why)) return { kind: 'blocks' };
    if (GONE_ERRORS.includes(why)) return { kind: 'gone' };
    return why === 'internal_error' || why === 'fatal_error'
      ? { kind: 'unknown', why }
      : { kind: 'refused', why };
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500)
    return { kind: 'refused', why: `HTTP ${error.statusCode}` };
  return { kind: 'unknown', why: messageOf(error) };
};

const call = async (send: () => Promise<unknown>): Promise<Outcome> => {
  try {
    const said = answer.safeParse(await send());
    return said.success
      ? { kind: 'sent', place: { channel: said.data.channel, ts: said.data.ts } }
      : { kind: 'unknown', why: 'an answer that is not Slack’s' };
  } catch (error) {
    return outcomeOf(error);
  }
};

const quiet = { unfurl_links: false, unfurl_media: false, link_names: false, parse: 'none' as const };

export const post = (client: SlackPosts, { message, channel, thread, mark }: Outgoing): Promise<Outcome> =>
  call(() =>
    client.chat.postMessage({
      channel,
      ...message,
      ...quiet,
      ...(thread === undefined ? {} : { thread_ts: thread }),
      metadata: { event_type: METADATA_EVENT, event_payload: { ...mark } },
    }),
  );

export const update = (client: SlackPosts, place: Place, message: SlackMessage): Promise<Outcome> =>
  call(() =>
    client.chat.update({
      channel: place.channel,
      ts: place.ts,
      ...message,
      link_names: false,
      parse: 'none',
    }),
  );
