import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { freePorts } from '../free-port.js';
import type { Cloud, SeenContainer } from './cloud.js';
import { bootstrapSpec, type SpecInput, specOf, volumeNames } from './container-spec.js';
import { type Identity, keep, newIdentity } from './identity.js';
import { buildImages } from './images.js';
import { type Ports, writeKollaConfig } from './kolla-config.js';
import type { LocalEngine } from './local-engine.js';
import { removeDemo, removeLeftovers } from './removal.js';
import { DEMO_CONTAINERS, DEMO_RELEASES, serviceNames } from './shape.js';

const HEALTHY_WITHIN_MS = 60_000;

const choosePorts = async (): Promise<Ports> => {
  const names = serviceNames();
  const [bus = 0, ...apis] = await freePorts(names.length + 1);
  return { bus, apis: Object.fromEntries(names.map((name, index) => [name, apis[index] ?? 0])) };
};

const makeVolumes = async (docker: Docker, identity: Identity): Promise<void> => {
  const Labels = { kolla_managed: 'true', ...identity.labels };
  await Promise.all(
    volumeNames(identity).map((Name) => docker.createVolume({ Name, Driver: 'local', Labels })),
  );
};

/** Runs the first migration to its end; throws with its log when it fails. */
const bootstrap = async (docker: Docker, input: SpecInput): Promise<void> => {
  const container = await docker.createContainer(bootstrapSpec(input));
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  const log =
    StatusCode === 0 ? '' : (await container.logs({ stdout: true, stderr: true, tail: 20 })).toString();
  await container.remove();
  if (StatusCode !== 0)
    throw new Error(`the first migration of ${input.container.name} ended with ${StatusCode}: ${log}`);
};

const start = async (docker: Docker, input: SpecInput): Promise<void> => {
  if (input.container.service && input.container.isApi) await bootstrap(docker, input);
  await (await docker.createContainer(specOf(input))).start();
};

const listOwn = async (docker: Docker, prefix: string): Promise<Docker.ContainerInspectInfo[]> => {
  const all = await docker.listContainers({ all: true });
  const own = all.filter(({ Names }) => Names.some((name) => name.startsWith(`/${prefix}`)));
  return Promise.all(own.map(({ Id }) => docker.getContainer(Id).inspect()));
};

const waitUntilHealthy = async (docker: Docker, identity: Identity): Promise<void> => {
  const end = Date.now() + HEALTHY_WITHIN_MS;
  for (;;) {
    const waiting = (await listOwn(docker, identity.prefix)).filter(
      ({ State }) => State.Health?.Status !== 'healthy',
    );
    if (waiting.length === 0) return;
    if (Date.now() > end)
      throw new Error(
        `not healthy after ${HEALTHY_WITHIN_MS / 1_000} s: ${waiting.map(({ Name }) => Name.slice(1)).join(', ')}`,
      );
    await sleep(200);
  }
};

const seen = ({ Name, Id, Config, State }: Docker.ContainerInspectInfo): SeenContainer => ({
  name: Name.slice(1),
  id: Id,
  imageRef: Config.Image,
  startedAt: State.StartedAt,
});

type Raised = { readonly ports: Ports; readonly password: string };

const raise = async (docker: Docker, identity: Identity, say: (line: string) => void): Promise<Raised> => {
  say('Building the images of the demo from this machine’s node, without a download …');
  await buildImages(docker, identity);
  say('Starting keystone, glance, placement and cinder …');
  const ports = await choosePorts();
  await makeVolumes(docker, identity);
  await Promise.all(DEMO_CONTAINERS.map((container) => writeKollaConfig(identity.folder, container, ports)));
  const password = randomBytes(9).toString('base64url');
  await Promise.all(
    DEMO_CONTAINERS.map((container) => start(docker, { container, identity, ports, password })),
  );
  await waitUntilHealthy(docker, identity);
  return { ports, password };
};

export type DockerCloudOptions = {
  readonly engine: LocalEngine;
  /** Leaves everything in place at the end (DEMO_KEEP=1). */
  readonly keepAtEnd?: boolean;
  readonly say?: (line: string) => void;
};

/** A small Kolla-like cloud on this machine's engine; clears away first what a killed demo left. */
export const startDockerCloud = async ({
  engine,
  keepAtEnd = false,
  say = () => undefined,
}: DockerCloudOptions): Promise<Cloud> => {
  const { docker, socket } = engine;
  const cleared = await removeLeftovers(docker, { kept: false });
  if (cleared.length > 0)
    say(
      `Cleared away what ${cleared.length === 1 ? 'a killed demo' : `${cleared.length} killed demos`} left.`,
    );
  const identity = await newIdentity();
  const close = () => (keepAtEnd ? keep(identity) : removeDemo(docker, identity));
  try {
    const { ports, password } = await raise(docker, identity, say);
    const { Version } = await docker.version();
    return {
      kind: 'docker',
      headline: `A small Kolla-like cloud on this machine’s container engine (${Version}).`,
      prefix: identity.prefix,
      folder: identity.folder,
      secret: password,
      settings: {
        hosts: [
          {
            name: 'control01',
            engine: `unix://${socket}`,
            api_address: '127.0.0.1',
            ports: { ...ports.apis },
            container_prefix: identity.prefix,
            supervisor: 'none',
            config_fits: Object.values(DEMO_RELEASES).map(({ release }) => release),
          },
        ],
        images: { namespace: identity.namespace },
        releases: Object.fromEntries(
          [DEMO_RELEASES.running, DEMO_RELEASES.good, DEMO_RELEASES.broken].map(({ release, tag }) => [
            release,
            { tag },
          ]),
        ),
      },
      apiUrl: (service) => `http://127.0.0.1:${ports.apis[service]}`,
      containers: async () =>
        (await listOwn(docker, identity.prefix)).map(seen).sort((a, b) => a.name.localeCompare(b.name)),
      close,
    };
  } catch (error) {
    await removeDemo(docker, identity);
    throw error;
  }
};
