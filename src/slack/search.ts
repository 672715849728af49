import { z } from 'zod';
import { METADATA_EVENT, type Outgoing, outcomeOf, type Place, type SlackPosts } from './delivery.js';

const marked = z.object({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      user: z.string().optional().catch(undefined),
      bot_id: z.string().optional().catch(undefined),
      metadata: z
        .looseObject({
          event_type: z.string(),
          event_payload: z.looseObject({ run: z.string(), slot: z.string() }),
        })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional().catch(undefined),
});

/** Slack advises at most 200 messages in an answer; threads come oldest first, channels newest first. */
const PAGE = 200;
const MOST_PAGES = 10;
/** Seconds that Slack's clock, which dates the messages, may be behind ours. */
const CLOCKS_DIFFER_SECONDS = 600;

/** Who posted a message. */
export type Sender = { readonly user?: string | undefined; readonly bot_id?: string | undefined };

export type Search = Omit<Outgoing, 'message'> & {
  /** Whether the bot itself is the sender: anybody may put our metadata on a message of theirs. */
  readonly isOurs: (sender: Sender) => boolean;
  /** ISO time before which the message cannot have been posted. */
  readonly since: string;
};

export type Found =
  | { readonly kind: 'there'; readonly place: Place }
  | { readonly kind: 'not-there' }
  /** Slack did not say; it may be there. `ms`: how long Slack asks to wait. */
  | { readonly kind: 'unknown'; readonly why: string; readonly ms?: number };

/** What Slack answers to a bot that may not read the channel will not change by asking again. */
const notTold = (error: unknown): Found => {
  const outcome = outcomeOf(error);
  if (outcome.kind === 'limited') return { kind: 'unknown', why: 'ratelimited', ms: outcome.ms };
  return outcome.kind === 'unknown' ? outcome : { kind: 'not-there' };
};

/**
 * Looks for a message whose post had no answer, by its metadata. Needs the scope channels:history, in a private channel
 * groups:history; without it a message is never found and may stand there twice (`copies`).
 */
export const find = async (
  client: SlackPosts,
  { channel, thread, mark, since, isOurs }: Search,
): Promise<Found> => {
  const oldest = String(Math.floor(Date.parse(since) / 1_000) - CLOCKS_DIFFER_SECONDS);
  const wanted = { channel, limit: PAGE, include_all_metadata: true, oldest };
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    try {
      const turned = { ...wanted, ...(cursor === '' ? {} : { cursor }) };
      const said = marked.parse(
        thread === undefined
          ? await client.conversations.history(turned)
          : await client.conversations.replies({ ...turned, ts: thread }),
      );
      const found = said.messages.find(
        ({ metadata, ...sender }) =>
          isOurs(sender) &&
          metadata?.event_type === METADATA_EVENT &&
          metadata.event_payload.run === mark.run &&
          metadata.event_payload.slot === mark.slot,
      );
      if (found) return { kind: 'there', place: { channel, ts: found.ts } };
      cursor = said.response_metadata?.next_cursor ?? '';
    } catch (error) {
      return notTold(error);
    }
    if (cursor === '') return { kind: 'not-there' };
  }
  return { kind: 'not-there' };
};
