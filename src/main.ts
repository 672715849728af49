import { existsSync } from 'node:fs';
import { COMMANDS } from '../commands/index.js';
import { WITHOUT_SLACK } from './app/doctor/way-in.js';
import { buildApp } from './build-app.js';
import { serveControl } from './cli/control.js';
import { spoken } from './cli/spoken.js';
import { parseEnv, readConfig } from './config.js';
import { forgetTokens } from './env.js';
import { exitFor, messageOf, Refusal } from './errors.js';
import { createLog, type Log } from './log.js';
import { someCanDoWithoutSlack } from './people-config.js';
import { redactor } from './redact.js';
import { openDirectory } from './slack/open-directory.js';
import { startSlack } from './slack/start.js';

/** What must not leave this process, by whichever way. */
const secrets = redactor();

/** Also the last words go through the redactor; Node itself would print the error as it is. */
const endBadly = (error: unknown): void => {
  const said =
    error instanceof Refusal ? `error: ${error.why}\n${error.wayOut}` : `error: ${messageOf(error)}`;
  process.stderr.write(`${spoken(said, secrets.redact)}\n`);
  process.exit(exitFor(error));
};

/** A stray rejection of a library must not end a bot in the middle of a swap; it is said and the bot goes on. */
const surviveStrays = (log: Log): void => {
  process.on('unhandledRejection', (reason) =>
    log.error({ err: messageOf(reason) }, 'a promise failed that nobody waited for: this is a bug'),
  );
};

/** Supervisors kill 10 s after SIGTERM, or later. What is not closed by then is as after a kill: the journal holds all. */
const END_WITHIN_MS = 8_500;

const untilToldToEnd = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const told = (signal: NodeJS.Signals): void => {
      setTimeout(() => process.exit(0), END_WITHIN_MS).unref();
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, told);
  });

const main = async (): Promise<void> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = parseEnv(process.env);
  forgetTokens();
  const config = readConfig(env.STACKSWAP_CONFIG);
  secrets.learn(
    [env.SLACK_BOT_TOKEN, env.SLACK_APP_TOKEN, env.SLACK_SIGNING_SECRET].filter(
      (secret) => secret !== undefined,
    ),
  );
  const log = createLog({ level: env.STACKSWAP_LOG_LEVEL, redact: secrets });
  surviveStrays(log);
  if (!someCanDoWithoutSlack(config.people))
    log.warn(`${WITHOUT_SLACK.what} ${WITHOUT_SLACK.why} ${WITHOUT_SLACK.wayOut}`);
  // Also while it starts: an engine or Slack that does not answer may make that last.
  const told = untilToldToEnd();

  const directory = openDirectory({ env, config, log, redact: secrets.redact });
  const app = await buildApp({
    config,
    log,
    redactor: secrets,
    stateFolder: env.STACKSWAP_STATE,
    directory,
  });
  const waiting = await app.recover();
  for (const run of waiting)
    log.warn({ run: run.id, phase: run.phase }, `run of ${run.plan.service} waits for a person`);
  const control = await serveControl({
    app,
    commands: COMMANDS,
    folder: env.STACKSWAP_STATE,
    redact: secrets.redact,
    log,
  });
  const slack = await startSlack({
    app,
    commands: COMMANDS,
    env,
    config,
    log,
    redact: secrets.redact,
    directory,
  });
  log.info({ hosts: config.hosts.length, people: config.people.length }, 'Stackswap is up');

  const signal = await told;
  log.info(
    { signal },
    'ending: the call under way is finished; a run under way is shown as interrupted after the next start and waits for Resume or Roll back',
  );
  await app.close();
  await Promise.all([slack.stop(), control.stop()]);
};

process.on('uncaughtException', endBadly);
main().then(() => process.exit(0), endBadly);
