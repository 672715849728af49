import type { SimClock } from './clock.js';
import { type SimCloud, simCloud } from './cloud.js';
import type { HaproxyConfig } from './haproxy.js';
import type { Process } from './image.js';
import { installKollaConfig } from './kolla-config.js';
import { type HaproxyWish, installHaproxy } from './kolla-haproxy.js';
import { type KollaRelease, kollaImage, revisionOf } from './kolla-image.js';
import { KOLLA_CONTAINERS, type KollaContainer, kollaBody } from './kolla-shape.js';
import { installUnit, kollaUnit } from './kolla-unit.js';
import type { Delays } from './world.js';

export type KollaOptions = {
  /** How many, named `node1` and so on, or their names. */
  readonly hosts?: number | readonly string[];
  readonly services?: readonly string[];
  /** Containers that this installation does not have. */
  readonly leftOut?: readonly string[];
  /** Oldest first; the first one runs. */
  readonly releases?: readonly KollaRelease[];
  readonly prefix?: string;
  readonly restartPolicy?: string;
  /** Units own the containers, as since kolla-ansible 16.0; the engine's restart policy is `no` then. */
  readonly systemd?: boolean | { readonly stopSeconds?: number; readonly restartSeconds?: number };
  /** Variables that every container has beyond Kolla's, `NAME=value`. */
  readonly env?: readonly string[];
  /** Ports that are not Kolla's, by service. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Images of the other releases are on the hosts already, too. */
  readonly prepulled?: boolean;
  /** The hosts have files in /etc/kolla, which every start copies; without them no configuration is looked at. */
  readonly configs?: boolean;
  /** Whether a container is well as far as its surroundings go; changes while it runs, and decides nothing alone. */
  readonly weather?: (process: Process) => boolean;
  readonly clock?: SimClock;
  readonly delays?: Delays;
  readonly serve?: boolean;
  /** A HAProxy on every host in front of all APIs; none where absent. */
  readonly haproxy?: HaproxyWish;
};

export type KollaCloud = {
  readonly cloud: SimCloud;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly containers: readonly KollaContainer[];
  readonly releases: readonly KollaRelease[];
  readonly images: { readonly registry: string; readonly namespace: string };
  /** What HAProxy on each host has in its configuration; empty without `haproxy`. */
  readonly balancers: ReadonlyMap<string, HaproxyConfig>;
  /** The reference of a container's image in a release. */
  ref(container: string, release: string): string;
  /** Moves a release's tag to a newer build, in the registry only. */
  rebuild(release: string, build: string): void;
};

const REGISTRY = { registry: 'registry.test:5000', namespace: 'kolla' };

const DEFAULT_RELEASES: readonly KollaRelease[] = [{ id: '2025.1' }, { id: '2025.2' }];

/** Loopback addresses, so that no request can leave the machine; beyond the first, Linux only. */
const hostsOf = (wanted: KollaOptions['hosts'] = 1): { name: string; address: string }[] => {
  const names =
    typeof wanted === 'number' ? Array.from({ length: wanted }, (_, n) => `node${n + 1}`) : wanted;
  return names.map((name, n) => ({ name, address: `127.0.${Math.floor(n / 250)}.${1 + (n % 250)}` }));
};

/** A running Kolla-shaped cloud: the chosen services on every host, at the first release. */
export const kollaCloud = async (options: KollaOptions = {}): Promise<KollaCloud> => {
  const hosts = hostsOf(options.hosts);
  const releases = options.releases ?? DEFAULT_RELEASES;
  const containers = KOLLA_CONTAINERS.filter(
    ({ service, name }) =>
      (options.services?.includes(service) ?? true) && !(options.leftOut?.includes(name) ?? false),
  );
  const { clock, delays, serve } = options;
  const cloud = simCloud({
    hosts,
    ...(clock ? { clock } : {}),
    ...(delays ? { delays } : {}),
    ...(serve === undefined ? {} : { serve }),
  });

  const refOf = (entry: KollaContainer, release: KollaRelease): string =>
    `${REGISTRY.registry}/${REGISTRY.namespace}/${entry.image}:${release.tag ?? release.id}`;
  const push = (release: KollaRelease, index: number): void => {
    const known = releases.slice(0, index + 1).map((one) => one.id);
    for (const entry of containers)
      cloud.registry.push(
        refOf(entry, release),
        kollaImage({ entry, release, known, configs: options.configs ?? false, weather: options.weather }),
      );
  };
  const releaseNamed = (id: string): KollaRelease => {
    const found = releases.find((one) => one.id === id || one.tag === id);
    if (!found) throw new Error(`the simulated cloud has no release ${id}`);
    return found;
  };

  releases.forEach(push);
  const [running] = releases;
  if (!running) throw new Error('a simulated cloud needs a release that runs');
  for (const service of new Set(containers.map((one) => one.service))) {
    cloud.database.set(service, revisionOf(service, running.id));
    cloud.database.set(`${service} contract`, revisionOf(service, running.id));
  }
  for (const host of hosts) {
    const engine = cloud.operator(host.name);
    for (const entry of containers) {
      for (const release of options.prepulled ? releases : [running])
        await engine.pull(refOf(entry, release));
      if (options.configs) installKollaConfig(cloud.host(host.name).files, entry, running.id);
      const port = options.ports?.[entry.service];
      const body = kollaBody(entry, {
        ref: refOf(entry, running),
        address: host.address,
        prefix: options.prefix ?? '',
        restartPolicy: options.restartPolicy ?? (options.systemd ? 'no' : 'unless-stopped'),
        env: [
          ...(options.env ?? []),
          ...(port === undefined || entry.port === undefined ? [] : [`SIM_PORT=${port}`]),
        ],
      });
      const name = `${options.prefix ?? ''}${entry.name}`;
      const id = await engine.create(name, { body, connect: [] });
      if (options.systemd) await installUnit(cloud, host.name, kollaUnit(name, options.systemd));
      else await engine.start(id);
    }
  }
  const balancers = options.haproxy
    ? await installHaproxy({ cloud, containers, wish: options.haproxy, options })
    : new Map<string, HaproxyConfig>();
  return {
    cloud,
    hosts,
    balancers,
    containers,
    releases,
    images: REGISTRY,
    ref: (name, release) => {
      const entry = containers.find((one) => one.name === name);
      if (!entry) throw new Error(`the simulated cloud has no container ${name}`);
      return refOf(entry, releaseNamed(release));
    },
    rebuild: (id, build) => {
      const release = releaseNamed(id);
      push({ ...release, build }, releases.indexOf(release));
    },
  };
};
