import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFree } from '../../../src/demo/free-port.js';
import type { ContainerInspect } from '../../../src/engine/inspect.js';
import type { RealDocker } from '../../engine/real-docker.js';
import { must, sh } from '../../engine/swap-by-hand.js';
import { ANN, BOB, hostsFile } from '../bot.js';
import { openWire, type Wire } from '../wire.js';
import { RELEASES, TAGS } from './images.js';
import type { Json } from './raw-diff.js';
import { SHAPES, type Shape } from './shapes.js';

/** One keystone of its own, with a bot's folder and a wire in front of the engine. */
export type Stand = {
  readonly real: RealDocker;
  readonly shape: Shape;
  /** Names of its containers begin so. */
  readonly prefix: string;
  readonly service: string;
  readonly folder: string;
  readonly state: string;
  readonly configFile: string;
  readonly url: string;
  /** What the API answers after its release, one word for each place with data. */
  readonly lines: string;
  readonly before: ContainerInspect;
  /** The same as the engine said it, untouched by the program. */
  readonly rawBefore: Json;
  readonly wire: Wire;
  close(): Promise<void>;
};

/** The deadline leaves room for a health command that hangs for its whole timeout, Kolla's 30 s. */
const HEALTH = { interval: '100ms', successes: 2, minimum: '200ms', deadline: '90s' };

const UP_WITHIN_MS = 60_000;

const taken = new Set<number>();

/** Below the range from which the kernel takes a client's port (32768 on), or a client may sit on it while the API is away. */
const quietPort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(21_000, 32_000);
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port)) return port;
  }
};

/** Only this stand's containers are shown, as if the engine were its alone: then every life asks the same. */
const ownOnly =
  (prefix: string) =>
  (line: string): string =>
    line.startsWith('GET /containers/json')
      ? `${line}&filters=${encodeURIComponent(JSON.stringify({ name: [`^/?${prefix}`] }))}`
      : line;

const settingsFor = (stand: Pick<Stand, 'real' | 'prefix' | 'wire'>, port: number): string =>
  hostsFile({
    hosts: [
      {
        name: 'control01',
        engine: `unix://${stand.wire.socketPath}`,
        api_address: '127.0.0.1',
        ports: { keystone: port },
        container_prefix: stand.prefix,
        supervisor: 'none',
        config_fits: Object.values(RELEASES),
      },
    ],
    images: { namespace: stand.real.prefix },
    releases: { [RELEASES.old]: { tag: TAGS.old }, [RELEASES.new]: { tag: TAGS.new } },
    health: HEALTH,
    people: [
      { name: 'Ann', slack: ANN.id, login: 'ann', roles: ['operator'] },
      { name: 'Bob', slack: BOB.id, login: 'bob', roles: ['approver'] },
    ],
  });

/** The page is there before the program that serves it listens. */
const untilAnswers = async (port: number): Promise<void> => {
  const last = Date.now() + UP_WITHIN_MS;
  while (
    !(await fetch(`http://127.0.0.1:${port}/healthcheck`)
      .then(({ ok }) => ok)
      .catch(() => false))
  ) {
    if (Date.now() > last) throw new Error(`the API of a new stand does not answer at port ${port}`);
    await sleep(50);
  }
};

export const rawInspect = async ({ docker }: RealDocker, id: string): Promise<Json> =>
  JSON.parse(JSON.stringify(await docker.getContainer(id).inspect()));

const start = async (
  { real, shape, prefix }: Pick<Stand, 'real' | 'shape' | 'prefix'>,
  { port, folder }: { port: number; folder: string },
): Promise<Pick<Stand, 'before' | 'rawBefore' | 'lines'>> => {
  const name = `${prefix}keystone`;
  const image = `${real.prefix}/keystone:${TAGS.old}`;
  const { create, connect, places } = await SHAPES[shape]({ real, name, image, port, folder });
  const Env = [...(create.Env ?? []), `PLACES=${places.join(' ')}`];
  const container = await real.docker.createContainer({ ...create, name, Image: image, Env });
  for (const { network, endpoint } of connect ?? [])
    await real.docker.getNetwork(network).connect({ Container: container.id, EndpointConfig: endpoint });
  await container.start();
  const lines = places.map((place) => `in${place.replaceAll('/', '-')}`);
  const script = [
    ...places.map((place, at) => `echo ${lines[at]} > ${place}/line`),
    // The container writes the page when it starts, too.
    'until [ -s /www/healthcheck ]; do sleep 0.05; done',
    'say $RELEASE > /www/healthcheck',
  ];
  await sh(real.engine, container.id, script.join(' && '));
  await untilAnswers(port);
  return {
    before: must(await real.engine.inspect(container.id), name),
    rawBefore: await rawInspect(real, container.id),
    lines: lines.join(' '),
  };
};

/** Makes a stand; `number` tells those of one test run apart. */
export const makeStand = async (real: RealDocker, shape: Shape, number: number): Promise<Stand> => {
  const prefix = `${real.prefix}-s${number}_`;
  const folder = await mkdtemp(join(tmpdir(), 'stackswap-matrix-'));
  const state = join(folder, 'state');
  const configFile = join(folder, 'hosts.yaml');
  const port = await quietPort();
  const wire = await openWire({ engine: real.socketPath, folder, rewrite: ownOnly(prefix) });
  await mkdir(state, { mode: 0o700 });
  await writeFile(configFile, settingsFor({ real, prefix, wire }, port));
  const made = await start({ real, shape, prefix }, { port, folder });
  return {
    real,
    shape,
    prefix,
    service: `${prefix}keystone`,
    folder,
    state,
    configFile,
    url: `http://127.0.0.1:${port}`,
    ...made,
    wire,
    close: async () => {
      await wire.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
