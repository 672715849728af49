#!/usr/bin/env node
import { existsSync } from 'node:fs';
import pino from 'pino';
import { COMMANDS } from '../../commands/index.js';
import { buildApp } from '../build-app.js';
import { readConfig } from '../config.js';
import { createLog } from '../log.js';
import { redactor } from '../redact.js';
import { loginName } from './actor.js';
import { runAlone } from './alone.js';
import { askBot, connect } from './client.js';
import { type CliEnv, parseCliEnv } from './env.js';
import { errorText, type Request } from './session.js';

const say = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

const alone = async (env: CliEnv, request: Request): Promise<number> => {
  const hide = redactor();
  const log = createLog({
    level: env.STACKSWAP_LOG_LEVEL,
    redact: hide,
    destination: pino.destination({ dest: 2, sync: true }),
  });
  const app = await buildApp({
    config: readConfig(env.STACKSWAP_CONFIG),
    log,
    redactor: hide,
    stateFolder: env.STACKSWAP_STATE,
  });
  const onInterrupt = (listener: () => void): void => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
  };
  return runAlone({ app, commands: COMMANDS, folder: env.STACKSWAP_STATE, log, request, say, onInterrupt });
};

const main = async (): Promise<number> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = parseCliEnv(process.env);
  const request = { words: process.argv.slice(2), login: loginName() };
  const bot = await connect(env.STACKSWAP_STATE);
  if (!bot) return alone(env, request);
  process.once('SIGINT', () => {
    say(
      'Stopped waiting. The run is left as it is and goes on without this terminal; "stackswap status" shows it.',
    );
    process.exit(130);
  });
  return askBot(bot, request, say);
};

main().then(
  (exit) => process.exit(exit),
  (error: unknown) => {
    process.stderr.write(`${errorText(error)}\n`);
    process.exit(1);
  },
);
