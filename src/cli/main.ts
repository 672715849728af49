#!/usr/bin/env node
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import pino from 'pino';
import { COMMANDS } from '../../commands/index.js';
import type { App } from '../app.js';
import { outOfReach } from '../authority/directory.js';
import { buildApp } from '../build-app.js';
import { readConfig } from '../config.js';
import { forgetTokens } from '../env.js';
import { Refusal } from '../errors.js';
import { createLog, type Log } from '../log.js';
import { redactor } from '../redact.js';
import { loginName } from './actor.js';
import { runAlone } from './alone.js';
import { AUDIT_LINE, runAudit } from './audit.js';
import { askBot, connect } from './client.js';
import { type CliEnv, parseCliEnv } from './env.js';
import type { Request } from './session.js';
import { errorText, spoken } from './spoken.js';

const say = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** What this process learns: where it works alone also the secrets of the containers. */
const secrets = redactor();

/** How often, and after how many ms, a process is waited for that has opened the state but does not listen yet. */
const RETRIES = 10;
const PAUSE_MS = 300;

const isLocked = (error: unknown): boolean => error instanceof Refusal && error.code === 'state-locked';

const openState = (env: CliEnv, log: Log): Promise<App> =>
  buildApp({
    config: readConfig(env.STACKSWAP_CONFIG),
    log,
    redactor: secrets,
    stateFolder: env.STACKSWAP_STATE,
    directory: outOfReach('no bot runs here, and the command line does not ask Slack'),
  });

const alone = async (env: CliEnv, request: Request): Promise<number> => {
  const destination = pino.destination({ dest: 2, sync: true });
  const log = createLog({ level: env.STACKSWAP_LOG_LEVEL, redact: secrets, destination });
  const app = await openState(env, log);
  const onInterrupt = (listener: () => void): void => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
  };
  return runAlone({
    app,
    commands: COMMANDS,
    folder: env.STACKSWAP_STATE,
    redact: secrets.redact,
    log,
    request,
    say,
    onInterrupt,
  });
};

const throughBot = (bot: Socket, request: Request): Promise<number> => {
  process.once('SIGINT', () => {
    say(
      'Stopped waiting. The run is left as it is and goes on without this terminal; "stackswap status" shows it.',
    );
    process.exit(130);
  });
  return askBot(bot, request, say);
};

/** Two people may begin at the same moment: who comes second goes through the first one's socket. */
const perform = async (env: CliEnv, request: Request, left = RETRIES): Promise<number> => {
  const bot = await connect(env.STACKSWAP_STATE);
  if (bot) return throughBot(bot, request);
  try {
    return await alone(env, request);
  } catch (error) {
    if (!isLocked(error) || left === 0) throw error;
  }
  await setTimeout(PAUSE_MS);
  return perform(env, request, left - 1);
};

const main = async (): Promise<number> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  forgetTokens();
  const [first = '', ...rest] = process.argv.slice(2);
  const about = first === 'help' && rest[0] === 'audit';
  // Needs neither the bot nor its settings: a folder that does not verify keeps the bot from starting.
  if (first === 'audit' || about)
    return runAudit({ words: about ? ['help'] : rest, folder: process.env.STACKSWAP_STATE, say });
  const exit = await perform(parseCliEnv(process.env), { words: process.argv.slice(2), login: loginName() });
  if (['help', '-h', '--help'].includes(first) && rest.length === 0) say(AUDIT_LINE);
  return exit;
};

main().then(
  (exit) => process.exit(exit),
  (error: unknown) => {
    process.stderr.write(`${spoken(errorText(error), secrets.redact)}\n`);
    process.exit(1);
  },
);
