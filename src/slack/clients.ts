import type { Logger as SlackLogger } from '@slack/logger';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Env } from '../config.js';

export type SlackFetch = NonNullable<WebClientOptions['fetch']>;

/** Milliseconds after which a call to Slack is given up; the library's own default is none. */
export const CALL_TIMEOUT_MS = 10_000;

/**
 * Two clients, because one 429 pauses every call of a WebClient. The library repeats a post whose answer was lost, so
 * the one for a run's messages never retries by itself: `announce` does, by state.
 */
export const slackClients = ({
  env,
  logger,
  fetch,
}: {
  env: Env;
  logger: SlackLogger;
  fetch: SlackFetch | undefined;
}) => {
  const token = env.SLACK_BOT_TOKEN.reveal();
  const common: WebClientOptions = {
    slackApiUrl: env.SLACK_API_URL,
    logger,
    timeout: CALL_TIMEOUT_MS,
    ...(fetch ? { fetch } : {}),
  };
  return {
    /** For the messages of runs. */
    posts: new WebClient(token, { ...common, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true }),
    /** For answers to one person, and questions about the workspace. */
    answers: new WebClient(token, {
      ...common,
      retryConfig: { retries: 1, minTimeout: 500 },
      rejectRateLimitedCalls: true,
    }),
  };
};
