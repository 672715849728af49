import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNamed } from '../../catalogue/index.js';
import { nameOf } from '../../engine/inspect.js';
import type { Engine } from '../../engine/port.js';
import { statusOf } from '../../probes/http.js';
import { kollaCloud } from '../../sim/kolla.js';
import { freePorts } from '../free-port.js';
import type { Cloud, SeenContainer } from './cloud.js';
import { newIdentity, SIMULATED_PREFIX } from './identity.js';
import { removeSimulatedLeftovers } from './removal.js';
import { DEMO_RELEASES, serviceNames } from './shape.js';

const { running, good, broken } = DEMO_RELEASES;

/** About what the same steps take on a real engine, so that there is something to see. */
const READY_MS = { readyAfterMs: 400, stopsAfterMs: 300, migrationMs: 1_200 };

const GIVE_UP_MS = 10_000;

/** A service that is asked for right after its start would be refused as unwell. */
const untilReady = async (name: string, url: string): Promise<void> => {
  const { api } = serviceNamed(name);
  for (const begin = performance.now(); ; await sleep(50)) {
    const status = await statusOf(`${url}${api.path}`, 2_000).catch(() => 0);
    if (api.expect.includes(status)) return;
    if (performance.now() - begin > GIVE_UP_MS)
      throw new Error(`the simulated ${name} does not become ready`);
  }
};

const listed = async (engine: Engine): Promise<SeenContainer[]> => {
  const inspected = await Promise.all((await engine.list()).map(({ id }) => engine.inspect(id)));
  return inspected
    .flatMap((one) =>
      one
        ? [
            {
              name: nameOf(one),
              id: one.Id,
              imageRef: one.Config.Image ?? '',
              startedAt: one.State.StartedAt,
            },
          ]
        : [],
    )
    .sort((a, b) => a.name.localeCompare(b.name));
};

/** The same cloud on the project's simulated engine: nothing runs, but its APIs answer real HTTP on loopback. */
export const startSimulatedCloud = async (missing: string): Promise<Cloud> => {
  await removeSimulatedLeftovers();
  const identity = await newIdentity(SIMULATED_PREFIX);
  const names = serviceNames();
  const chosen = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, chosen[index] ?? 0]));
  const secret = randomBytes(9).toString('base64url');
  const { cloud, hosts, images } = await kollaCloud({
    hosts: ['control01'],
    services: names,
    prefix: 'demo_',
    ports,
    prepulled: true,
    serve: true,
    env: [`DEMO_DATABASE_PASSWORD=${secret}`],
    releases: [
      { id: running.release, tag: running.tag, ...READY_MS },
      { id: good.release, tag: good.tag, ...READY_MS },
      { id: broken.release, tag: broken.tag, kind: 'never-healthy', ...READY_MS },
    ],
  });
  const [host] = hosts;
  if (!host) throw new Error('the simulated cloud has no host');
  await Promise.all(names.map((name) => untilReady(name, `http://${host.address}:${ports[name]}`)));
  return {
    kind: 'simulated',
    headline: `SIMULATED containers, nothing real is run: ${missing}`,
    prefix: 'demo_',
    folder: identity.folder,
    secret,
    settings: {
      hosts: [
        {
          name: host.name,
          engine: `sim:${host.name}`,
          api_address: host.address,
          ports,
          container_prefix: 'demo_',
          supervisor: 'none',
          config_fits: Object.values(DEMO_RELEASES).map(({ release }) => release),
        },
      ],
      images,
      releases: Object.fromEntries([running, good, broken].map(({ release, tag }) => [release, { tag }])),
    },
    engines: new Map([[host.name, cloud.engine(host.name)]]),
    apiUrl: (service) => `http://${host.address}:${ports[service]}`,
    containers: () => listed(cloud.operator(host.name)),
    close: async () => {
      await cloud.close();
      await rm(identity.folder, { recursive: true, force: true });
    },
  };
};
