import type { App } from '../../src/app.js';
import { type AppOptions, buildApp } from '../../src/build-app.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Actor } from '../../src/run/event.js';
import type { Journal } from '../../src/run/journal.js';
import type { Run } from '../../src/run/run.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import type { KollaOptions } from '../../src/sim/kolla.js';
import { memoryBlobs } from '../../src/store/blobs.js';
import { memoryJournal } from '../../src/store/memory.js';
import { type KollaScene, kollaCloud } from '../sim/kolla.js';

export const ANN: Actor = { id: 'U0ANN', name: 'Ann', door: 'slack' };
export const BOB: Actor = { id: 'U0BOB', name: 'Bob', door: 'slack' };
export const CEM: Actor = { id: 'U0CEM', name: 'Cem', door: 'slack' };

/** Tries often and pauses hardly, so that faults are ridden out in milliseconds. */
export const PATIENCE = { tries: 4, pauseMs: 1, maxPauseMs: 2 };

const silent = createLog({ level: 'error', redact: redactor(), destination: { write: () => undefined } });

export type Life = { readonly app: App; readonly journal: Journal };

/** One life of the bot's process over a cloud; the journal is what outlives it. */
export const bornOver = async (
  scene: KollaScene,
  journal: Journal,
  options: Partial<
    Pick<
      AppOptions,
      | 'blobs'
      | 'stateFolder'
      | 'redactor'
      | 'askService'
      | 'folders'
      | 'newId'
      | 'every'
      | 'directory'
      | 'clock'
    >
  > = {},
): Promise<Life> => {
  const app = await buildApp({
    config: scene.config,
    log: silent,
    redactor: redactor(),
    journal,
    engines: scene.engines(),
    units: scene.units(),
    clock: scene.cloud.clock,
    patience: PATIENCE,
    ...options,
  });
  await app.recover();
  return { app, journal };
};

export const cinderCloud = (options: Parameters<typeof kollaCloud>[0] = {}) =>
  kollaCloud({
    services: ['cinder', 'placement'],
    prepulled: true,
    serve: false,
    ...options,
    config: { ...options.config },
  });

export type { KollaOptions };

/** Hosts without an API address: the simulated cloud opens no ports, and what is not reachable is not probed. */
export const withoutPorts = (scene: KollaScene): KollaScene => ({
  ...scene,
  config: { ...scene.config, hosts: scene.config.hosts.map(({ api_address: _none, ...host }) => host) },
});

/** Requests, approves by somebody else, and waits until nothing is being done any more. */
export const upgradeTo = async (app: App, to: string, service = 'cinder', overrides = {}): Promise<Run> => {
  const { id } = await app.upgrade(ANN, { service, to, overrides });
  await app.approve(BOB, id);
  return app.settled(id);
};

export const freshScene = async (options: Parameters<typeof kollaCloud>[0] = {}) => {
  const scene = withoutPorts(await cinderCloud(options));
  const journal = memoryJournal();
  const watch = watchInvariants(scene.cloud);
  const blobs = memoryBlobs();
  return { scene, journal, watch, blobs, life: await bornOver(scene, journal, { blobs }) };
};

/** Image reference under each name on a host: what the cloud runs. */
export const running = async (scene: KollaScene, host = 'node1'): Promise<Record<string, string>> => {
  const engine = scene.cloud.operator(host);
  const all = await engine.list();
  const up = await Promise.all(
    all.filter(({ state }) => state === 'running').map(({ id }) => engine.inspect(id)),
  );
  return Object.fromEntries(
    up.flatMap((one) => (one ? [[one.Name.slice(1), (one.Config.Image ?? '').split(':').at(-1) ?? '']] : [])),
  );
};
