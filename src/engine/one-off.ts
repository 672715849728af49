import { z } from 'zod';
import { cleanPath } from './anonymous.js';
import { withoutEmpty } from './canonical.js';
import { carriedMounts } from './carried-mounts.js';
import type { ContainerInspect, ImageInspect } from './inspect.js';
import { isFixedMode, primaryNetwork } from './networks.js';
import { ownConfig, variableOf } from './own.js';
import type { ContainerSpec } from './port.js';

export type OneOffRequest = {
  /** The container whose surroundings the one-off container takes. */
  readonly like: ContainerInspect;
  /** The image of `like`. */
  readonly image: ImageInspect;
  readonly newRef: string;
  /** `NAME=value`, or `NAME` alone for an empty value; these win over the container's own. */
  readonly env: readonly string[];
  readonly apiVersion: string;
  /** Mount point that it does not get: it has files of its own there. */
  readonly without?: string;
};

/** What a command needs of its surroundings; the rest (ports, devices, capabilities, restarts) belongs to a service. */
const SURROUNDINGS = [
  'CgroupParent',
  'CgroupnsMode',
  'Dns',
  'DnsOptions',
  'DnsSearch',
  'ExtraHosts',
  'GroupAdd',
  'Init',
  'Memory',
  'MemorySwap',
  'NetworkMode',
  'ReadonlyRootfs',
  'Runtime',
  'SecurityOpt',
  'ShmSize',
  'Tmpfs',
  'Ulimits',
  'UsernsMode',
  'VolumesFrom',
] as const;

const environment = (own: unknown, extra: readonly string[]): string[] => {
  const added = extra.map((entry) => (entry.includes('=') ? entry : `${entry}=`));
  const names = new Set(added.map(variableOf));
  const kept = Array.isArray(own)
    ? own.filter((entry) => typeof entry === 'string' && !names.has(variableOf(entry)))
    : [];
  return [...kept, ...added];
};

/** Without a log driver that keeps nothing: the log is the evidence of a migration. */
const readableLog = (like: ContainerInspect): Record<string, unknown> => {
  const log = like.HostConfig.LogConfig;
  const silent = log !== null && typeof log === 'object' && 'Type' in log && log.Type === 'none';
  return silent ? {} : { LogConfig: log };
};

/** Networks beside the first, without the address and the names that only one container can have. */
const otherNetworks = (like: ContainerInspect): ContainerSpec['connect'] => {
  if (isFixedMode(like.HostConfig.NetworkMode)) return [];
  const first = primaryNetwork(like)?.[0];
  return Object.entries(like.NetworkSettings.Networks ?? {})
    .filter(([network]) => network !== first)
    .map(([network, endpoint]) => ({
      network,
      endpoint: withoutEmpty({ Links: endpoint.Links, DriverOpts: endpoint.DriverOpts }),
    }));
};

/** Whether a path is the mount point that is left out, however its slashes are written. */
const isLeftOut = (path: string | undefined, without: string | undefined): boolean =>
  path !== undefined && without !== undefined && cleanPath(path) === cleanPath(without);

/** The service's mounts, its anonymous volumes by name, and not the one that is left out. */
const mountsOf = (like: ContainerInspect, without: string | undefined) => {
  const { Binds, Mounts } = { ...like.HostConfig, ...carriedMounts(like) };
  const mounts = z.array(z.looseObject({ Target: z.string() })).parse(Mounts ?? []);
  return withoutEmpty({
    Binds: Binds?.filter((bind) => !isLeftOut(bind.split(':')[1], without)),
    Mounts: mounts.filter(({ Target }) => !isLeftOut(Target, without)),
  });
};

/** A declared path that nothing is mounted at would get an anonymous volume. */
const volumesOf = (declared: unknown, without: string | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(declared ?? {}).filter(([path]) => !isLeftOut(path, without)));

/**
 * A container that runs one command of a service (Kolla's `bootstrap_<project>`) with the service's network, volumes,
 * own environment and own command, from another image. Not privileged, no labels, no published ports, no health check.
 */
export const oneOffSpec = ({ like, image, newRef, env, without }: OneOffRequest): ContainerSpec => {
  const own = ownConfig(like.Config, image.Config ?? {});
  const surroundings = Object.fromEntries(SURROUNDINGS.map((key) => [key, like.HostConfig[key]]));
  const body = {
    ...withoutEmpty({
      User: own.User,
      WorkingDir: own.WorkingDir,
      Entrypoint: own.Entrypoint,
      Cmd: own.Cmd,
      Volumes: volumesOf(own.Volumes, without),
    }),
    Env: environment(own.Env, env),
    Healthcheck: { Test: ['NONE'] },
    Image: newRef,
    HostConfig: {
      ...withoutEmpty({ ...surroundings, ...readableLog(like) }),
      ...mountsOf(like, without),
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    },
  };
  return { body, connect: otherNetworks(like) };
};
