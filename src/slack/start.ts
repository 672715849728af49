import { App as BoltApp, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import type { Command } from '../command.js';
import type { Config, Env } from '../config.js';
import { messageOf } from '../errors.js';
import { BOT } from '../run/actor.js';
import { type Announcer, announcer } from './announce.js';
import { answerer } from './answer.js';
import { CALL_TIMEOUT_MS, type SlackFetch, slackClients } from './clients.js';
import { dispatcher } from './dispatch.js';
import { drawingChoice } from './drawing.js';
import { httpReceiver } from './http-receiver.js';
import type { Pace } from './keeper.js';
import { slackLogger } from './logger.js';
import { reception } from './reception.js';
import { type Standing, standingOf } from './standing.js';

export type SlackOptions = {
  readonly app: App;
  readonly commands: readonly Command[];
  readonly env: Env;
  readonly config: Config;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  /** How the Web API is reached; for tests. */
  readonly fetch?: SlackFetch;
  /** Milliseconds between updates and retries; for tests. */
  readonly pace?: Partial<Pace>;
};

export type RunningSlack = {
  /** Who the bot is and what is wrong with its channel; waits as long as Slack does not answer. */
  readonly standing: Promise<Standing>;
  /** Resolves when requests can arrive. */
  readonly connected: Promise<void>;
  /** True when every message says what it should. */
  readonly idle: () => boolean;
  stop(): Promise<void>;
};

/** Milliseconds between two tries to reach Slack at the start, unless `pace` says otherwise. */
const RETRY_MS = 5_000;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Node says only "fetch failed"; what failed (a name, a port, a certificate) stands in the innermost cause. */
const whyOf = (error: unknown): string => {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  return inner === error ? messageOf(error) : `${messageOf(error)} (${messageOf(inner)})`;
};

/** Repeats until it works or the bot stops: a Slack that is away at the start must not end the bot. */
const persistently = async <T>(
  what: string,
  act: () => Promise<T>,
  { log, signal, everyMs }: { log: Logger; signal: AbortSignal; everyMs: number },
): Promise<T> => {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ why: whyOf(error) }, `${what}; trying again in ${everyMs / 1_000} s`);
    }
    await pause(everyMs, signal);
    if (signal.aborted) throw new Error('the bot was stopped before Slack answered');
  }
};

/**
 * Bolt's own `socketMode: true` shares one options object between the socket and every client, and a short retry there
 * ends the process in an outage (Bolt 5.1); a receiver of our own keeps them apart.
 */
const receiverFor = ({ env, log, fetch }: SlackOptions, logger: ReturnType<typeof slackLogger>): Receiver => {
  if (env.SLACK_MODE === 'http')
    return httpReceiver({
      signingSecret: env.SLACK_SIGNING_SECRET?.reveal() ?? '',
      host: env.SLACK_HTTP_HOST,
      port: env.SLACK_HTTP_PORT,
      log,
    });
  return new SocketModeReceiver({
    appToken: env.SLACK_APP_TOKEN?.reveal() ?? '',
    logger,
    installerOptions: { clientOptions: { slackApiUrl: env.SLACK_API_URL, ...(fetch ? { fetch } : {}) } },
  });
};

const recover = (messages: Announcer, app: App, log: Logger): void => {
  try {
    messages.recover(app.history(BOT));
  } catch (error) {
    log.error({ err: error }, 'the messages of earlier runs could not be looked through');
  }
};

/** Connects the bot to Slack. Returns at once; connecting goes on in the background until `stop`. */
export const startSlack = async (options: SlackOptions): Promise<RunningSlack> => {
  const { app, env, config, log, redact } = options;
  const stopping = new AbortController();
  const background = { log, signal: stopping.signal, everyMs: options.pace?.retryMs ?? RETRY_MS };
  const logger = slackLogger(log, redact);
  const clients = slackClients({ env, logger, fetch: options.fetch });
  const drawing = drawingChoice(config.blocks);
  const messages = announcer({
    app,
    client: clients.posts,
    log,
    redact,
    drawing,
    ...(options.pace ? { pace: options.pace } : {}),
  });

  const standing = persistently(
    'Slack does not tell who the bot is (SLACK_BOT_TOKEN, SLACK_API_URL)',
    () => standingOf(clients.answers, config.channel),
    background,
  );
  standing.then(
    ({ problems }) => {
      for (const problem of problems) log.error(problem);
    },
    (error: unknown) => log.warn({ why: messageOf(error) }, 'who the bot is in Slack was never learned'),
  );

  const receiver = receiverFor(options, logger);
  const bolt = new BoltApp({
    receiver,
    logger,
    clientOptions: { slackApiUrl: env.SLACK_API_URL, retryConfig: { retries: 0 }, timeout: CALL_TIMEOUT_MS },
    convoStore: false,
    // Who we are is not needed to acknowledge, so nothing waits for Slack's answer about it.
    authorize: async () => ({ botToken: env.SLACK_BOT_TOKEN.reveal() }),
  });
  const answer = answerer({
    client: clients.answers,
    apiUrl: env.SLACK_API_URL,
    fetch: options.fetch ?? globalThis.fetch,
    drawing,
    log,
    redact,
  });
  reception({
    bolt,
    app,
    log,
    standing,
    dispatch: dispatcher({ app, commands: options.commands, runOfThread: messages.runOfThread, log }),
    answer,
    messages,
  });

  const connected = persistently(
    env.SLACK_MODE === 'http'
      ? 'Slack’s requests cannot be listened for (SLACK_HTTP_HOST, SLACK_HTTP_PORT)'
      : 'Slack cannot be connected (SLACK_APP_TOKEN, SLACK_API_URL)',
    async () => void (await receiver.start()),
    background,
  );
  connected.then(
    () => log.info({ mode: env.SLACK_MODE }, 'connected to Slack'),
    (error: unknown) => log.warn({ why: messageOf(error) }, 'Slack was never connected'),
  );
  recover(messages, app, log);

  return {
    standing,
    connected,
    idle: messages.idle,
    stop: async () => {
      stopping.abort();
      await receiver
        .stop()
        .catch((error: unknown) =>
          log.warn({ why: messageOf(error) }, 'the connection to Slack did not close'),
        );
      await messages.stop();
    },
  };
};
