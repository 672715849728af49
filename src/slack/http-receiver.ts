import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type App as BoltApp, type Receiver, verifySlackRequest } from '@slack/bolt';
import type { Logger } from 'pino';
import { messageOf } from '../errors.js';

const BODY_LIMIT = 1_000_000;
/** Seconds that a request's clock may be ahead of ours. Slack's libraries accept any future time. */
const FUTURE_SECONDS = 60;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part as Uint8Array);
    length += bytes.length;
    if (length > BODY_LIMIT) throw new Error('the request is too large');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
};

type Trust = { readonly signingSecret: string; readonly since: number };

/**
 * Throws when the signature, or the time it covers, is not right. A signature counts for five minutes, and what was
 * served is remembered for longer than that, but not over a restart: so what was signed before `since` (seconds), when
 * this process began to listen, is not served by it.
 */
const verify = (request: IncomingMessage, body: string, { signingSecret, since }: Trust): void => {
  const time = Number(request.headers['x-slack-request-timestamp']);
  if (!Number.isInteger(time) || time > Date.now() / 1_000 + FUTURE_SECONDS)
    throw new Error('its time is not right');
  if (time < since)
    throw new Error('it was signed before Stackswap was started, or this machine’s clock is ahead');
  const signature = String(request.headers['x-slack-signature'] ?? '');
  verifySlackRequest({
    signingSecret,
    body,
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': time },
  });
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Slack sends JSON for events, a form for commands, and JSON inside a form for clicks. */
const parse = (request: IncomingMessage, body: string): Record<string, unknown> => {
  const json = String(request.headers['content-type'] ?? '').startsWith('application/json');
  const form = json ? undefined : Object.fromEntries(new URLSearchParams(body));
  const parsed: unknown =
    form === undefined ? JSON.parse(body) : form.payload === undefined ? form : JSON.parse(form.payload);
  if (!isObject(parsed)) throw new Error('it is not an object');
  return parsed;
};

const reply = (response: ServerResponse, status: number, body?: unknown): void => {
  if (response.headersSent) return;
  response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
};

/**
 * Slack's signed requests over HTTP. Bolt's own receiver ends the process on a signed `payload=null` (Bolt 5.1,
 * HTTPReceiver.js), so this one reads, verifies and parses by itself, and hands Bolt only objects.
 */
export const httpReceiver = (options: {
  signingSecret: string;
  host: string;
  port: number;
  log: Logger;
}): Receiver & { readonly port: () => number } => {
  const { log } = options;
  let bolt: BoltApp | undefined;
  let since = Number.POSITIVE_INFINITY;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/slack/events')
      return reply(response, 404);
    const text = await bodyOf(request);
    try {
      verify(request, text, { signingSecret: options.signingSecret, since });
    } catch (error) {
      log.warn({ why: messageOf(error) }, 'a request was not signed by Slack');
      return reply(response, 401);
    }
    const body = parse(request, text);
    if (body.ssl_check === '1') return reply(response, 200);
    if (body.type === 'url_verification') return reply(response, 200, { challenge: String(body.challenge) });
    await bolt?.processEvent({
      body,
      ack: async (answer?: unknown) => reply(response, 200, answer ?? undefined),
    });
    // Slack repeats an event that is not taken, and stops sending any where most are not.
    reply(response, body.type === 'event_callback' ? 200 : 404);
  };

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.warn({ why: messageOf(error) }, 'a request from Slack could not be read');
      reply(response, 400);
    });
  });

  return {
    init: (app) => {
      bolt = app;
    },
    start: () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        since = Math.floor(Date.now() / 1_000);
        server.listen(options.port, options.host, () => resolve());
      }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    port: () => {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : options.port;
    },
  };
};
