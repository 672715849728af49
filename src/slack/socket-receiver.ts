import { type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger as SlackLogger } from '@slack/logger';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import { realClock } from '../probes/clock.js';
import { CALL_TIMEOUT_MS, type SlackFetch } from './clients.js';
import { type Persistence, pause, persistently } from './persistently.js';

export type SocketOptions = {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly fetch: SlackFetch | undefined;
  readonly logger: SlackLogger;
  readonly persistence: Persistence;
};

/** Milliseconds that Slack has to greet on a new connection. */
const HELLO_WITHIN_MS = 30_000;

const WHAT = 'Slack cannot be connected (SLACK_APP_TOKEN, SLACK_API_URL)';

/** What Slack sends over the socket. An event's type becomes the name of an event in the library, so only ours pass. */
const envelope = z.discriminatedUnion('type', [
  z.looseObject({ type: z.enum(['hello', 'disconnect']) }),
  z.looseObject({
    type: z.literal('events_api'),
    envelope_id: z.string(),
    payload: z.looseObject({
      event: z.looseObject({ type: z.enum(['app_mention', 'subteam_members_changed']) }),
    }),
  }),
  z.looseObject({
    type: z.enum(['interactive', 'slash_commands']),
    envelope_id: z.string(),
    payload: z.looseObject({}),
  }),
]);

/** Why a message is not one of Slack's; `undefined` for one that is. */
const oddityOf = (data: unknown): string | undefined => {
  if (typeof data !== 'string') return 'it is binary';
  try {
    const said = envelope.safeParse(JSON.parse(data));
    return said.success ? undefined : said.error.issues.map(({ path }) => path.join('.')).join(', ');
  } catch (error) {
    return messageOf(error);
  }
};

type Client = SocketModeReceiver['client'];

/** The library (socket-mode 3.1) takes a message apart in a listener that nobody waits for: `null` rejects there. */
const guard = (client: Client, log: Persistence['log']): void => {
  const [read] = client.listeners('ws_message');
  if (!read) throw new Error('Slack’s socket client reads its messages in another way than expected');
  client.removeAllListeners('ws_message');
  client.on('ws_message', async (data: unknown, isBinary: unknown) => {
    const why = oddityOf(data);
    if (why !== undefined) return log.warn({ why }, 'a message on Slack’s socket is not one of Slack’s');
    try {
      await read.call(client, data, isBinary);
    } catch (error) {
      log.warn({ why: messageOf(error) }, 'a message on Slack’s socket could not be read');
    }
  });
};

/** Resolves when the open connection is gone. Slack may greet more than once on one connection. */
const endOf = (client: Client): (() => Promise<void>) => {
  let ended = Promise.resolve();
  let end: (() => void) | undefined;
  client.on('connected', () => {
    if (end) return;
    ended = new Promise((resolve) => {
      end = resolve;
    });
  });
  client.on('disconnected', () => {
    end?.();
    end = undefined;
  });
  return () => ended;
};

/**
 * Slack over a WebSocket, connected again and again until `stop`. The library's own reconnecting (socket-mode 3.1) waits
 * up to a third of the time that an outage took, and gives up for good, with an unhandled rejection, when a second try
 * fails; so it is switched off.
 */
export const socketReceiver = ({ appToken, apiUrl, fetch, logger, persistence }: SocketOptions): Receiver => {
  const { log, signal, everyMs } = persistence;
  const clientOptions = {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    timeout: CALL_TIMEOUT_MS,
    ...(fetch ? { fetch } : {}),
  };
  const inner = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
  });
  const { client } = inner;
  guard(client, log);
  const ended = endOf(client);

  const open = async (): Promise<void> => {
    const late = setTimeout(() => void client.disconnect(), HELLO_WITHIN_MS);
    try {
      await inner.start();
    } finally {
      clearTimeout(late);
    }
  };

  const stay = async (): Promise<void> => {
    for (;;) {
      const began = realClock.now();
      await ended();
      if (signal.aborted) return;
      log.info('the connection to Slack ended and is made anew');
      if (realClock.now() - began < everyMs) await pause(everyMs, signal);
      if (signal.aborted) return;
      await persistently(WHAT, open, persistence);
    }
  };

  return {
    init: (bolt) => inner.init(bolt),
    start: async () => {
      await persistently(WHAT, open, persistence);
      stay().catch((error: unknown) =>
        log.warn({ why: messageOf(error) }, 'Slack’s socket is not connected any more'),
      );
    },
    stop: () => inner.stop(),
  };
};
