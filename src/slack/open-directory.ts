import type { Logger } from 'pino';
import type { Directory } from '../authority/directory.js';
import type { Config, Env } from '../config.js';
import { cached } from './cached.js';
import { type SlackFetch, slackClients } from './clients.js';
import { slackDirectory } from './directory.js';
import { type Home, homeOf, identity } from './home.js';
import { slackLogger } from './logger.js';

export type OpenDirectory = {
  readonly env: Env;
  readonly config: Pick<Config, 'workspace' | 'channel'>;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  /** How the Web API is reached; for tests. */
  readonly fetch?: SlackFetch;
};

/** The directory of the workspace that the bot's token belongs to; Slack is asked only when somebody is looked up. */
export const openDirectory = ({ env, config, log, redact, fetch }: OpenDirectory): Directory => {
  const { answers } = slackClients({ env, logger: slackLogger(log, redact), fetch });
  const ask = async (): Promise<Home> =>
    homeOf(identity.parse(await answers.auth.test()), config.workspace, env.SLACK_APP_TOKEN?.reveal());
  // The first answer stays: the workspace is fixed for the life of the process.
  const home = cached(ask, () => 0);
  return slackDirectory({ client: answers, channel: config.channel, home: () => home.get('home') });
};
