import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../src/app.js';
import { buildApp } from '../../src/build-app.js';
import { configSchema } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Run } from '../../src/run/run.js';
import { ANN, BEN } from '../swap/stage.js';
import { type BalancedCloud, type Ground, openCloud } from './cloud.js';
import { tagOf } from './images.js';
import { type LoadReport, type LoadWish, startLoad } from './load.js';

const HEALTH = { interval: '200ms', successes: 2, minimum: '0ms', deadline: '30s' } as const;

/** The App as the bot has it over APIs behind HAProxy, and clients in front. */
export type BalancedStage = { readonly app: App; readonly cloud: BalancedCloud; close(): Promise<void> };

export type Wish = { readonly name: string; readonly count: number; readonly level: 'admin' | 'operator' };

export const openBalancedStage = async (
  ground: Ground,
  { name, count, level }: Wish,
): Promise<BalancedStage> => {
  const cloud = await openCloud(ground, { count, level });
  const { identity, engine } = ground;
  const stateFolder = join(identity.folder, `state-${name}`);
  await mkdir(stateFolder, { mode: 0o700 });
  const secrets = redactor();
  const app = await buildApp({
    config: configSchema.parse({
      channel: 'C0BENCH',
      hosts: cloud.hosts.map((host) => ({
        name: host.name,
        engine: `unix://${engine.socket}`,
        api_address: host.address,
        ports: { placement: cloud.port },
        container_prefix: host.prefix,
        supervisor: 'none',
      })),
      images: { namespace: identity.namespace },
      health: HEALTH,
      people: [
        { name: 'Ann', slack: ANN.id, roles: ['operator', 'approver'] },
        { name: 'Ben', slack: BEN.id, roles: ['approver'] },
      ],
    }),
    log: createLog({
      level: 'error',
      redact: secrets,
      destination: { write: (line) => process.stderr.write(line) },
    }),
    redactor: secrets,
    stateFolder,
  });
  return {
    app,
    cloud,
    close: async () => {
      await app.close();
      await cloud.close();
    },
  };
};

/** The engine is shared: what somebody else's container does makes a run ask, and here it goes on. */
const toEnd = async ({ app }: BalancedStage, id: string, phase: Run['phase']): Promise<Run> => {
  let run = await app.settled(id);
  for (let asked = 0; run.phase === 'paused' && asked < 5; asked += 1) {
    await app.resume(ANN, id);
    run = await app.settled(id);
  }
  if (run.phase !== phase)
    throw new Error(
      `the run is ${run.phase} and not ${phase}: ${run.why ?? run.asked?.why ?? 'no reason given'}`,
    );
  return run;
};

export type UnderLoad = { readonly run: Run; readonly report: LoadReport };

const underLoad = async (
  stage: BalancedStage,
  load: Omit<LoadWish, 'doors'>,
  work: () => Promise<Run>,
): Promise<UnderLoad> => {
  const clients = await startLoad({ ...load, doors: stage.cloud.hosts.map(({ door }) => door) });
  let run: Run | undefined;
  let report: LoadReport | undefined;
  try {
    run = await work();
  } finally {
    report = await clients.stop();
  }
  return { run, report };
};

/** One upgrade from the old build to the new one, host by host. */
export const upgradeUnderLoad = (stage: BalancedStage, load: Omit<LoadWish, 'doors'>): Promise<UnderLoad> =>
  underLoad(stage, load, async () => {
    const { id } = await stage.app.upgrade(ANN, { service: 'placement', to: tagOf('new'), overrides: {} });
    await stage.app.approve(BEN, id);
    return toEnd(stage, id, 'upgraded');
  });

/** The same back, and the service released for the next round. */
export const backUnderLoad = (
  stage: BalancedStage,
  load: Omit<LoadWish, 'doors'>,
  id: string,
): Promise<UnderLoad> =>
  underLoad(stage, load, async () => {
    await stage.app.rollback(BEN, id);
    const run = await toEnd(stage, id, 'rolled-back');
    await stage.app.unhold(ANN, 'placement');
    return run;
  });
