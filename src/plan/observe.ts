import type { CatalogueContainer, Service } from '../catalogue/service.js';
import type { Config, HostConfig } from '../config.js';
import { type Joined, joinedTo, unsupported } from '../engine/clone.js';
import { configHash } from '../engine/config-hash.js';
import { type ImageIdentity, identityOfContainer, identityOfImage } from '../engine/image-identity.js';
import { type ContainerInspect, type ImageInspect, nameOf } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import { healthCommand } from '../probes/healthcheck.js';
import { statusOf } from '../probes/http.js';
import type { SeenContainer } from './plan.js';

export type Found = {
  readonly seen: SeenContainer;
  readonly entry: CatalogueContainer;
  /** What it runs, by every digest that is known of it. */
  readonly build: ImageIdentity;
  /** Whether the image that it runs is gone from its host, so that its defaults are not known. */
  readonly imageGone: boolean;
  readonly state: string;
  /** Docker's own word: healthy, unhealthy, starting, or `none` without a HEALTHCHECK. */
  readonly health: string;
  readonly hasHealthcheck: boolean;
  /** Looks as if kolla-ansible had made it: then a systemd unit may own it. */
  readonly kollaShaped: boolean;
  readonly joined: readonly Joined[];
  /** Why a faithful copy cannot be made; empty when it can. */
  readonly unsupported: readonly string[];
  readonly probeUrl: string | null;
  /** Whether `probeUrl` answered as expected; `null` where there is no address. */
  readonly answers: boolean | null;
};

export type SeenHost = {
  readonly host: HostConfig;
  readonly found: readonly Found[];
  /** Containers that some run left, by name, of this service. */
  readonly leftovers: readonly { readonly name: string; readonly running: boolean }[];
  /** Free bytes where images lie; `null` when it could not be found out. */
  readonly freeBytes: number | null;
};

/** One service as it is on every host. Holds no environment values. */
export type Observation = {
  readonly service: Service;
  readonly hosts: readonly SeenHost[];
  readonly unreachable: readonly { readonly host: string; readonly why: string }[];
};

const PROBE_TIMEOUT_MS = 3_000;

/** The API's health address on one host, as the hosts file tells it. */
export const apiUrl = (service: Service, host: HostConfig): string | null => {
  if (!host.api_address) return null;
  const scheme = host.api_address.startsWith('https://') ? 'https' : 'http';
  const address = host.api_address.replace(/^https?:\/\//, '');
  return `${scheme}://${address}:${host.ports[service.name] ?? service.api.port}${service.api.path}`;
};

const answersWell = (url: string, expect: readonly number[]): Promise<boolean> =>
  statusOf(url, PROBE_TIMEOUT_MS).then(
    (status) => expect.includes(status),
    () => false,
  );

/** Bind of Kolla's config folder, or the environment variable its module always sets. */
export const looksLikeKolla = (container: ContainerInspect): boolean =>
  (container.Mounts ?? []).some((mount) => mount.Destination.startsWith('/var/lib/kolla/config_files')) ||
  (container.Config.Env ?? []).some((entry) => entry.startsWith('KOLLA_SERVICE_NAME='));

const identityOf = (container: ContainerInspect, image: ImageInspect | undefined): string => {
  const repository = (container.Config.Image ?? '').replace(/:[^/:]*$/, '');
  const digests = image?.RepoDigests ?? [];
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? container.Image;
};

const seenOf = (
  container: ContainerInspect,
  place: { host: string; entry: string; image: ImageInspect | undefined },
): SeenContainer => ({
  host: place.host,
  name: nameOf(container),
  entry: place.entry,
  id: container.Id,
  imageRef: container.Config.Image ?? container.Image,
  imageId: container.Image,
  identity: identityOf(container, place.image),
  configHash: configHash(container),
  restartPolicy: {
    Name: container.HostConfig.RestartPolicy.Name,
    MaximumRetryCount: container.HostConfig.RestartPolicy.MaximumRetryCount,
  },
});

type Place = { readonly service: Service; readonly host: HostConfig; readonly engine: Engine };

const findOne = async (
  entry: CatalogueContainer,
  all: readonly ContainerInspect[],
  place: Place,
): Promise<Found | undefined> => {
  const { service, host, engine } = place;
  const container = all.find((candidate) => nameOf(candidate) === `${host.container_prefix}${entry.name}`);
  if (!container) return undefined;
  const probeUrl = service.api.container === entry.name ? apiUrl(service, host) : null;
  const image = await engine.image(container.Image);
  return {
    seen: seenOf(container, { host: host.name, entry: entry.name, image }),
    entry,
    build: new Set([...identityOfContainer(container), ...(image ? identityOfImage(image) : [])]),
    imageGone: image === undefined,
    state: container.State.Status,
    health: container.State.Health?.Status ?? 'none',
    hasHealthcheck: healthCommand(container) !== undefined,
    kollaShaped: looksLikeKolla(container),
    joined: joinedTo(container, all),
    unsupported: unsupported(container),
    probeUrl,
    answers: probeUrl === null ? null : await answersWell(probeUrl, service.api.expect),
  };
};

/** Free bytes by `df` in a running container: its root lies on the engine's image store. `null` when unknown. */
export const freeBytesOf = async (engine: Engine, id: string): Promise<number | null> => {
  try {
    const { exitCode, output } = await engine.exec(id, ['df', '-Pk', '/'], 10_000);
    const kilobytes = Number(output.trim().split('\n').at(-1)?.trim().split(/\s+/)[3]);
    return exitCode === 0 && Number.isFinite(kilobytes) ? kilobytes * 1024 : null;
  } catch {
    // Any failure of df only means that the space is unknown, which the plan says.
    return null;
  }
};

const freeBytesIn = async (engine: Engine, found: readonly Found[]): Promise<number | null> => {
  const running = found.find((one) => one.state === 'running');
  return running ? freeBytesOf(engine, running.seen.id) : null;
};

/** Inspects in flight at one engine: each has a deadline, and all of a big cloud's at once would wait for each other. */
const AT_ONCE = 4;

/** All containers of a host with their full configuration. */
export const inspectAll = async (engine: Engine): Promise<ContainerInspect[]> => {
  const listed = await engine.list();
  const inspected: ContainerInspect[] = [];
  for (let from = 0; from < listed.length; from += AT_ONCE) {
    const some = listed.slice(from, from + AT_ONCE).map(({ id }) => engine.inspect(id));
    inspected.push(...(await Promise.all(some)).filter((container) => container !== undefined));
  }
  return inspected;
};

const leftoversOf = (service: Service, host: HostConfig, all: readonly ContainerInspect[]) =>
  all
    .map((container) => ({ name: nameOf(container), running: container.State.Running }))
    .filter(({ name }) =>
      [
        ...service.containers.map((entry) => `${entry.name}__(swap|prev|conf)_`),
        ...service.migrations.map((migration) => `${migration.name}_${migration.phase}__`),
      ].some((own) => new RegExp(`^${host.container_prefix}${own}`).test(name)),
    );

const observeHost = async (service: Service, host: HostConfig, engine: Engine): Promise<SeenHost> => {
  const all = await inspectAll(engine);
  const found = (
    await Promise.all(service.containers.map((entry) => findOne(entry, all, { service, host, engine })))
  ).filter((one) => one !== undefined);
  return {
    host,
    found,
    leftovers: leftoversOf(service, host, all),
    freeBytes: await freeBytesIn(engine, found),
  };
};

/** Looks at a service on every configured host; a host that does not answer is named, not skipped in silence. */
export const observeService = async (
  service: Service,
  config: Config,
  engineOf: (host: string) => Engine,
): Promise<Observation> => {
  const seen = await Promise.all(
    config.hosts.map(async (host) => {
      try {
        return { host: await observeHost(service, host, engineOf(host.name)) };
      } catch (error) {
        return { unreachable: { host: host.name, why: messageOf(error) } };
      }
    }),
  );
  return {
    service,
    hosts: seen.flatMap((one) => one.host ?? []),
    unreachable: seen.flatMap((one) => one.unreachable ?? []),
  };
};

export const allFound = (observation: Observation): readonly Found[] =>
  observation.hosts.flatMap((host) => host.found);
