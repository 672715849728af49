import { stringify } from 'yaml';
import type { App, UpgradeRequest } from '../../src/app.js';
import { buildApp } from '../../src/build-app.js';
import { type Config, parseConfig } from '../../src/config.js';
import type { Engine } from '../../src/engine/port.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Actor } from '../../src/run/event.js';
import type { Run } from '../../src/run/run.js';

export const ANN: Actor = { id: 'U0ANN', name: 'Ann', door: 'slack' };
export const BOB: Actor = { id: 'U0BOB', name: 'Bob', door: 'slack' };

const PEOPLE = [
  { name: 'Ann', slack: ANN.id, roles: ['operator'] },
  { name: 'Bob', slack: BOB.id, roles: ['approver'] },
];

/** Two good looks, and enough time for a busy machine. */
const HEALTH = { interval: '200ms', successes: 2, minimum: '300ms', deadline: '30s' };

/** A hosts file as an operator writes it; `settings` gives the hosts and replaces whole settings. */
export const hostsFile = (
  settings: { readonly hosts: readonly object[] } & Record<string, unknown>,
): string =>
  stringify({
    channel: 'C0E2E',
    people: PEOPLE,
    health: HEALTH,
    settle: '200ms',
    disk_free: { gigabytes: 0 },
    ...settings,
  });

export const configOf = (text: string): Config => parseConfig(text, 'the hosts file of the test');

export type Bot = {
  readonly app: App;
  /** What it has logged so far, each line as it was written. */
  readonly log: readonly string[];
};

export type BotOptions = {
  readonly config: Config;
  /** Folder of the journal. */
  readonly state: string;
  readonly engines?: ReadonlyMap<string, Engine>;
};

/** One life of the bot as `npm start` puts it together, but for Slack; recovers what an earlier life left. */
export const bornOver = async ({ config, state, engines }: BotOptions): Promise<Bot> => {
  const secrets = redactor();
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLog({ level: 'debug', redact: secrets, destination });
  const app = await buildApp({
    config,
    log,
    redactor: secrets,
    stateFolder: state,
    ...(engines ? { engines } : {}),
  });
  await app.recover();
  return { app, log: lines };
};

/** Ann asks, Bob approves; ends when nothing is being done any more. */
export const upgrade = async (
  app: App,
  request: Omit<UpgradeRequest, 'overrides'> & Partial<UpgradeRequest>,
): Promise<Run> => {
  const { id } = await app.upgrade(ANN, { overrides: {}, ...request });
  await app.approve(BOB, id);
  return app.settled(id);
};

/** Goes back and releases the hold, so that the next upgrade may be asked for. */
export const backAndFree = async (app: App, { id, plan }: Run): Promise<Run> => {
  await app.rollback(BOB, id);
  const run = await app.settled(id);
  await app.unhold(BOB, plan.service);
  return run;
};
