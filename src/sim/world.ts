import type { Files } from './archive.js';
import type { SimClock } from './clock.js';
import type { SimContainer } from './container.js';
import type { Door } from './door.js';
import { hex64 } from './image.js';
import type { Volumes } from './mounts.js';
import { type Networks, presetNetworks } from './network.js';
import { type ImageStore, imageStore, type Registry } from './registry.js';
import type { Systemd } from './unit-life.js';

/** How long the engine's own work takes, in milliseconds; 0 where not said. */
export type Delays = {
  readonly call?: number;
  readonly pull?: number;
  readonly start?: number;
  readonly stop?: number;
  /** After which a call that hangs gives up, as the port's deadline would. */
  readonly hang?: number;
};

export type SimHost = {
  readonly name: string;
  /** Where its host-network ports answer; a loopback address when they are served for real. */
  readonly address: string;
  readonly images: ImageStore;
  readonly containers: Map<string, SimContainer>;
  readonly volumes: Volumes;
  /** The host's own file system, as far as containers bind it. */
  readonly files: Files;
  readonly networks: Networks;
  diskFreeBytes: number;
  /** Set while the engine does not answer. */
  unreachable: boolean;
};

/** What all hosts of one simulated cloud share. */
export type World = {
  readonly clock: SimClock;
  readonly delays: Delays;
  readonly registry: Registry;
  readonly database: Map<string, string>;
  /** Open HTTP ports by container id; only where ports are served for real. */
  readonly doors: Map<string, Door>;
  readonly serve: boolean;
  readonly systemd: Systemd;
  /** Counts up; gives ids and start times that never repeat. */
  next(): number;
};

export type HostOptions = {
  readonly name: string;
  readonly address?: string;
  readonly diskFreeBytes?: number;
};

export const simHost = (options: HostOptions): SimHost => ({
  name: options.name,
  address: options.address ?? '127.0.0.1',
  images: imageStore(),
  containers: new Map(),
  volumes: new Map(),
  files: new Map(),
  networks: presetNetworks(options.name),
  diskFreeBytes: options.diskFreeBytes ?? 100e9,
  unreachable: false,
});

/** A network of the user's; `subnet` is the first three bytes of a /24. */
export const addNetwork = (host: SimHost, name: string, subnet: string): void =>
  void host.networks.set(name, { id: hex64(`${host.name} network ${name}`), subnet });

/** By full id, name, or the beginning of an id, in Docker's order. */
export const findContainer = (host: SimHost, idOrName: string): SimContainer | undefined => {
  const exact = host.containers.get(idOrName);
  if (exact) return exact;
  const all = [...host.containers.values()];
  const name = idOrName.replace(/^\//, '');
  return (
    all.find((one) => one.name === name) ??
    (/^[0-9a-f]{8,64}$/.test(idOrName) ? all.find((one) => one.id.startsWith(idOrName)) : undefined)
  );
};
