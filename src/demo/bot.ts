import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { stringify } from 'yaml';
import { COMMANDS } from '../../commands/index.js';
import type { App } from '../app.js';
import { buildApp } from '../build-app.js';
import { serveControl } from '../cli/control.js';
import { parseEnv, readConfig } from '../config.js';
import { createLog } from '../log.js';
import { redactor } from '../redact.js';
import { openDirectory } from '../slack/open-directory.js';
import { startSlack } from '../slack/start.js';
import type { Cloud } from './cloud/cloud.js';
import type { LocalSlack } from './local-slack.js';
import { peopleSettings } from './people.js';

const CONNECT_WITHIN_MS = 20_000;

/** Short patience, since the demo's services are ready at once; keystone wants two people besides the requester. */
const settingsOf = (cloud: Cloud, channel: string): object => ({
  channel,
  blocks: 'plain',
  ...cloud.settings,
  policy: { approvals: 1, services: { keystone: { approvals: 2 } } },
  health: { interval: '500ms', successes: 3, minimum: '2s', deadline: '20s' },
  settle: '1s',
  disk_free: { gigabytes: 0.5 },
  people: peopleSettings(userInfo().username),
});

export type DemoBot = {
  readonly app: App;
  /** Files that a curious person may read: settings, journal, log. */
  readonly files: { readonly config: string; readonly state: string; readonly log: string };
  stop(): Promise<void>;
};

const within = async (ms: number, what: string, work: Promise<void>): Promise<void> => {
  const late = sleep(ms, true, { ref: false });
  if (await Promise.race([work.then(() => false), late]))
    throw new Error(`${what} took longer than ${ms / 1_000} s`);
};

/** The bot as `npm start` runs it, with the demo's settings: nothing of it knows that it is in a demo. */
export const startBot = async (cloud: Cloud, slack: LocalSlack): Promise<DemoBot> => {
  const files = {
    config: join(cloud.folder, 'stackswap.yaml'),
    state: join(cloud.folder, 'state'),
    log: join(cloud.folder, 'bot.log'),
  };
  await mkdir(files.state, { mode: 0o700, recursive: true });
  await writeFile(files.config, stringify(settingsOf(cloud, slack.channel.id)));
  const env = parseEnv({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    STACKSWAP_CONFIG: files.config,
    STACKSWAP_STATE: files.state,
    STACKSWAP_LOG_LEVEL: 'debug',
  });
  const config = readConfig(files.config);
  const secrets = redactor();
  secrets.learn([env.SLACK_BOT_TOKEN, env.SLACK_APP_TOKEN].filter((secret) => secret !== undefined));
  const log = createLog({
    level: env.STACKSWAP_LOG_LEVEL,
    redact: secrets,
    destination: pino.destination({ dest: files.log, sync: true }),
  });
  const directory = openDirectory({ env, config, log, redact: secrets.redact });
  const app = await buildApp({
    config,
    log,
    redactor: secrets,
    stateFolder: files.state,
    directory,
    ...(cloud.engines ? { engines: cloud.engines } : {}),
  });
  const control = await serveControl({
    app,
    commands: COMMANDS,
    folder: files.state,
    redact: secrets.redact,
    log,
  });
  const running = await startSlack({
    app,
    commands: COMMANDS,
    env,
    config,
    log,
    redact: secrets.redact,
    directory,
  });
  const stop = async () => {
    await app.close();
    await Promise.all([running.stop(), control.stop()]);
  };
  try {
    await within(CONNECT_WITHIN_MS, 'connecting to the local Slack', running.connected);
    return { app, files, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
