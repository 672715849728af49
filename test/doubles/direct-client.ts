import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { SlackFetch } from '../../src/slack/clients.js';
import type { SlackPosts } from '../../src/slack/delivery.js';

const formOf = (args: object): string =>
  new URLSearchParams(
    Object.entries(args).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  ).toString();

/**
 * What `WebClient` makes of the answers of a `fetch`, without its queue and timers: those run by the real time, so that
 * virtual time would run away from them.
 */
export const directClient = (fetch: SlackFetch): SlackPosts => {
  const call = (method: string) => async (args: object) => {
    const response = await fetch(`http://slack.test/api/${method}`, {
      method: 'POST',
      body: formOf(args),
    }).catch((error: unknown) => {
      throw new WebAPIRequestError(error instanceof Error ? error : new Error(String(error)));
    });
    if (response.status === 429)
      throw new WebAPIRateLimitedError(Number(response.headers.get('retry-after')));
    if (response.status !== 200) throw new WebAPIHTTPError(response.status, response.statusText, {});
    const said = JSON.parse(await response.text());
    if (said.ok !== true) throw new WebAPIPlatformError(said);
    return said;
  };
  return {
    chat: { postMessage: call('chat.postMessage'), update: call('chat.update') },
    conversations: { history: call('conversations.history'), replies: call('conversations.replies') },
  };
};
