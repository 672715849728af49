import { App as BoltApp, type Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import type { Directory } from '../authority/directory.js';
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
import { ownOf } from './own.js';
import { type Persistence, persistently } from './persistently.js';
import { placeGuard } from './place.js';
import { reception } from './reception.js';
import { socketReceiver } from './socket-receiver.js';
import { type Standing, standingOf } from './standing.js';

export type SlackOptions = {
  readonly app: App;
  readonly commands: readonly Command[];
  readonly env: Env;
  readonly config: Config;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  /** Where the app looks people up, so that Slack's news of them reach it. */
  readonly directory?: Pick<Directory, 'forget'>;
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

/**
 * Bolt's own `socketMode: true` shares one options object between the socket and every client, and a short retry there
 * ends the process in an outage (Bolt 5.1); a receiver of our own keeps them apart.
 */
const receiverFor = (
  { env, log, fetch }: SlackOptions,
  logger: ReturnType<typeof slackLogger>,
  persistence: Persistence,
): Receiver =>
  env.SLACK_MODE === 'http'
    ? httpReceiver({
        signingSecret: env.SLACK_SIGNING_SECRET?.reveal() ?? '',
        host: env.SLACK_HTTP_HOST,
        port: env.SLACK_HTTP_PORT,
        log,
      })
    : socketReceiver({
        appToken: env.SLACK_APP_TOKEN?.reveal() ?? '',
        apiUrl: env.SLACK_API_URL,
        fetch,
        logger,
        persistence,
      });

const recover = async (messages: Announcer, app: App, log: Logger): Promise<void> => {
  try {
    messages.recover(await app.history(BOT));
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
  const standing = persistently(
    'Slack does not tell who the bot is (SLACK_BOT_TOKEN, SLACK_API_URL)',
    () => standingOf(clients.answers, config, env.SLACK_APP_TOKEN?.reveal()),
    background,
  );
  const messages = announcer({
    app,
    client: clients.posts,
    log,
    redact,
    drawing,
    own: ownOf(standing, { client: clients.answers, config }),
    ...(options.pace ? { pace: options.pace } : {}),
  });

  standing.then(
    ({ problems }) => {
      for (const problem of problems) log.error(problem);
    },
    (error: unknown) => log.warn({ why: messageOf(error) }, 'who the bot is in Slack was never learned'),
  );

  const receiver = receiverFor(options, logger, background);
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
    dispatch: dispatcher({
      app,
      commands: options.commands,
      requirePlace: placeGuard({
        client: clients.answers,
        config,
        home: async () => (await standing).home,
      }),
      runOfThread: messages.runOfThread,
      log,
    }),
    answer,
    messages,
    forgetPeople: () => options.directory?.forget(),
  });

  // The socket has a patience of its own, since it connects again and again.
  const listen = async () => void (await receiver.start());
  const connected =
    env.SLACK_MODE === 'http'
      ? persistently(
          'Slack’s requests cannot be listened for (SLACK_HTTP_HOST, SLACK_HTTP_PORT)',
          listen,
          background,
        )
      : listen();
  connected.then(
    () => log.info({ mode: env.SLACK_MODE }, 'connected to Slack'),
    (error: unknown) => log.warn({ why: messageOf(error) }, 'Slack was never connected'),
  );
  await recover(messages, app, log);

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
