import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../src/app.js';
import { buildApp } from '../../src/build-app.js';
import { type Config, configSchema } from '../../src/config.js';
import type { Identity } from '../../src/demo/cloud/identity.js';
import type { LocalEngine } from '../../src/demo/cloud/local-engine.js';
import { freePort } from '../../src/demo/free-port.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Actor } from '../../src/run/event.js';
import { createApi } from '../cloud/container.js';
import { type Prober, startProber } from '../prober/prober.js';

export const ANN: Actor = { id: 'U0ANN', name: 'Ann', door: 'slack' };
export const BEN: Actor = { id: 'U0BEN', name: 'Ben', door: 'slack' };

/** Short, since the judging of the new container comes after the gap; a deadline that a busy machine keeps, too. */
export const HEALTH = { interval: '100ms', successes: 1, minimum: '0ms', deadline: '5s' } as const;

export type Ground = { readonly engine: LocalEngine; readonly identity: Identity };

const configOf = ({ engine, identity }: Ground, port: number): Config =>
  configSchema.parse({
    channel: 'C0BENCH',
    hosts: [
      {
        name: 'bench01',
        engine: `unix://${engine.socket}`,
        api_address: '127.0.0.1',
        ports: { placement: port },
        container_prefix: identity.prefix,
        supervisor: 'none',
      },
    ],
    images: { namespace: identity.namespace },
    policy: { approvals: 1 },
    health: HEALTH,
    people: [
      { name: 'Ann', slack: ANN.id, roles: ['operator', 'approver'] },
      { name: 'Ben', slack: BEN.id, roles: ['approver'] },
    ],
  });

/** The App as the bot has it, journal on disk, over one running API container; and the probe that watches it. */
export type Stage = { readonly app: App; readonly prober: Prober; close(): Promise<void> };

export const openStage = async (ground: Ground, name: string, startMs: number): Promise<Stage> => {
  const { engine, identity } = ground;
  const port = await freePort();
  const stateFolder = join(identity.folder, `state-${name}`);
  await mkdir(stateFolder, { mode: 0o700 });
  const secrets = redactor();
  const app = await buildApp({
    config: configOf(ground, port),
    log: createLog({
      level: 'error',
      redact: secrets,
      destination: { write: (line) => process.stderr.write(line) },
    }),
    redactor: secrets,
    stateFolder,
  });
  const container = await createApi(engine.docker, {
    identity,
    name: 'placement_api',
    build: 'old',
    port,
    startMs,
  });
  await container.start();
  const prober = startProber(`http://127.0.0.1:${port}/`);
  return {
    app,
    prober,
    close: async () => {
      await prober.stop();
      await app.close();
      await container.remove({ force: true });
    },
  };
};
