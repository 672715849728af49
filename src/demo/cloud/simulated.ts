import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { nameOf } from '../../engine/inspect.js';
import type { Engine } from '../../engine/port.js';
import { kollaCloud } from '../../sim/kolla.js';
import { freePorts } from '../free-port.js';
import type { Cloud, SeenContainer } from './cloud.js';
import { newIdentity, SIMULATED_PREFIX } from './identity.js';
import { removeSimulatedLeftovers } from './removal.js';
import { DEMO_RELEASES, serviceNames } from './shape.js';

const { running, good, broken } = DEMO_RELEASES;

/** About what the same steps take on a real engine, so that there is something to see. */
const READY_MS = { readyAfterMs: 400, stopsAfterMs: 300, migrationMs: 1_200 };

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
          config: 'prepared',
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
