import { type Config, configSchema } from '../../src/config.js';
import type { Engine } from '../../src/engine/port.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import { type KollaCloud, type KollaOptions, kollaCloud } from '../../src/sim/kolla.js';
import { ANN, BEN } from '../swap/stage.js';

/** A simulated Kolla cloud with settings that fit it; whoever builds an App over it has real logic and no containers. */
export type Simulated = {
  readonly kolla: KollaCloud;
  readonly config: Config;
  readonly engines: ReadonlyMap<string, Engine>;
};

export const simulated = async (options: KollaOptions): Promise<Simulated> => {
  const kolla = await kollaCloud({ prepulled: true, ...options });
  const config = configSchema.parse({
    channel: 'C0BENCH',
    hosts: kolla.hosts.map(({ name, address }) => ({
      name,
      engine: `sim:${name}`,
      supervisor: 'none',
      config_fits: kolla.releases.map(({ id }) => id),
      ...(options.serve ? { api_address: address, ports: { ...options.ports } } : {}),
    })),
    images: kolla.images,
    policy: { approvals: 1 },
    health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '5s' },
    settle: '0ms',
    people: [
      { name: 'Ann', slack: ANN.id, roles: ['operator', 'approver'] },
      { name: 'Ben', slack: BEN.id, roles: ['approver'] },
    ],
  });
  return {
    kolla,
    config,
    engines: new Map(kolla.hosts.map(({ name }) => [name, kolla.cloud.engine(name)])),
  };
};

export const quietLog = () =>
  createLog({
    level: 'error',
    redact: redactor(),
    destination: { write: (line) => process.stderr.write(line) },
  });
