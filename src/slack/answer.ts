import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Reply } from '../command.js';
import { messageOf } from '../errors.js';
import { renderMessage, type SlackMessage } from '../render/message.js';
import { redacted } from '../render/redacted.js';
import { CALL_TIMEOUT_MS, type SlackFetch } from './clients.js';
import type { Answer } from './dispatch.js';
import type { DrawingChoice } from './drawing.js';
import type { Inbound } from './inbound.js';

export type AnswerOptions = {
  readonly client: WebClient;
  readonly apiUrl: string;
  readonly fetch: SlackFetch;
  readonly drawing: DrawingChoice;
  readonly log: Logger;
  readonly redact: (text: string) => string;
};

/** Verbs that change something for everybody without a run whose messages would tell. */
const FOR_ALL: readonly string[] = ['hold', 'unhold'];

/** What a person who changed a run reads at once: one line, since the run's own messages tell the rest. */
const brief = (reply: Reply): Reply => ({
  summary: reply.summary,
  blocks: [{ kind: 'line', line: [reply.summary] }],
});

type Shape = { readonly reply: Reply; readonly seenBy: 'one' | 'all' } | undefined;

/** How an answer is given: to whom, and how much of it. `undefined`: the changed messages are the answer. */
export const shapeOf = (inbound: Inbound, { kind, command, reply }: Answer): Shape => {
  if (kind !== 'done') return { reply, seenBy: 'one' };
  const changes = command !== undefined && command.verb !== 'look';
  if (inbound.kind === 'button') return changes ? undefined : { reply, seenBy: 'one' };
  if (inbound.kind === 'mention') return { reply: changes ? brief(reply) : reply, seenBy: 'all' };
  if (!changes) return { reply, seenBy: 'one' };
  return { reply: brief(reply), seenBy: FOR_ALL.includes(command.name) ? 'all' : 'one' };
};

/** A response_url is only followed to Slack, or to where our own Slack API is. */
const isSlackUrl = (url: string, apiUrl: string): boolean => {
  const { protocol, hostname, origin } = new URL(url);
  return (
    origin === new URL(apiUrl).origin || (protocol === 'https:' && /(^|\.)slack(-gov)?\.com$/.test(hostname))
  );
};

/** Answers a request. Never throws: what cannot be said is logged. */
export const answerer = ({ client, apiUrl, fetch, drawing, log, redact }: AnswerOptions) => {
  const respond = async (url: string, message: SlackMessage, seenBy: 'one' | 'all'): Promise<void> => {
    if (!isSlackUrl(url, apiUrl)) throw new Error('the response_url is not Slack’s');
    const said = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...message,
        response_type: seenBy === 'one' ? 'ephemeral' : 'in_channel',
        replace_original: false,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    if (!said.ok)
      throw new Error(`response_url answered ${said.status} ${(await said.text()).slice(0, 200)}`);
  };

  const send = async (inbound: Inbound, message: SlackMessage, seenBy: 'one' | 'all'): Promise<void> => {
    if (inbound.kind === 'slash' && inbound.responseUrl !== undefined)
      return respond(inbound.responseUrl, message, seenBy);
    const place = { channel: inbound.channel, ...message, link_names: false, parse: 'none' as const };
    // An ephemeral message below one that is no thread yet would not be seen.
    const inThread = inbound.thread !== undefined && (seenBy === 'all' || inbound.threaded);
    const thread = inThread && inbound.thread !== undefined ? { thread_ts: inbound.thread } : {};
    if (seenBy === 'one') await client.chat.postEphemeral({ ...place, ...thread, user: inbound.user });
    else await client.chat.postMessage({ ...place, ...thread, unfurl_links: false, unfurl_media: false });
  };

  return async (inbound: Inbound, answer: Answer): Promise<void> => {
    const shape = shapeOf(inbound, answer);
    if (!shape) return;
    for (const attempt of new Set([drawing.current(), 'plain' as const])) {
      try {
        return await send(inbound, renderMessage(redacted(shape.reply, redact), attempt), shape.seenBy);
      } catch (error) {
        const why = messageOf(error);
        if (why.includes('invalid_blocks')) drawing.refused();
        log.warn(
          { user: inbound.user, door: inbound.kind, drawing: attempt, why },
          'an answer could not be sent',
        );
      }
    }
  };
};
