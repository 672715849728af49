import { isEmpty, withoutEmpty } from './canonical.js';
import type { ContainerInspect } from './inspect.js';

export type Endpoint = NonNullable<NonNullable<ContainerInspect['NetworkSettings']['Networks']>[string]>;

export const shortId = (container: { Id: string }): string => container.Id.slice(0, 12);

/** Whether an API version is at least another; both are `major.minor`. */
export const atLeast = (version: string, least: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
};

/** Modes in which the container has no endpoint of its own to configure. */
export const isFixedMode = (mode: string): boolean =>
  mode === 'host' || mode === 'none' || mode.startsWith('container:');

/** libnetwork's bridge, macvlan and overlay drivers derive a MAC from the IPv4 address: 02:42 and its four bytes. */
const derivedMac = (ip: string | null | undefined): string | undefined =>
  ip
    ? `02:42:${ip
        .split('.')
        .map((byte) => Number(byte).toString(16).padStart(2, '0'))
        .join(':')}`
    : undefined;

/** Aliases without the short id, which engines with an API below 1.45 add by themselves. */
export const ownAliases = (container: { Id: string }, endpoint: Endpoint): string[] =>
  (endpoint.Aliases ?? []).filter((alias) => alias !== shortId(container));

/** The network that the create request named, among those that the container is in. */
export const primaryNetwork = (
  container: ContainerInspect,
): [name: string, endpoint: Endpoint] | undefined => {
  const mode = container.HostConfig.NetworkMode;
  const all = Object.entries(container.NetworkSettings.Networks ?? {});
  const wanted = mode === 'default' || mode === '' ? 'bridge' : mode;
  return all.find(([name, endpoint]) => name === wanted || endpoint.NetworkID === wanted);
};

/** Engines from API 1.44 on tell an endpoint's names. They also tell the MAC that was asked for on the first network. */
const tellsAskedMac = (container: ContainerInspect, endpoint: Endpoint): boolean => {
  const { NetworkMode } = container.HostConfig;
  // By its id they do not find the network again (moby daemon/inspect.go).
  const byId = endpoint.NetworkID === NetworkMode;
  return 'DNSNames' in endpoint && !byId && primaryNetwork(container)?.[1] === endpoint;
};

/**
 * The MAC that was asked for; '' where there is none or it was generated. Up to Docker 27 a generated one is derived
 * from the address; Docker 28 draws it, and then only that of the first network can be told from one that was asked
 * for: on the others the one in use is taken along, which does no harm, since the two containers never run at once.
 */
export const explicitMac = (container: ContainerInspect, endpoint: Endpoint): string => {
  if (tellsAskedMac(container, endpoint)) return container.Config.MacAddress?.toLowerCase() ?? '';
  const mac = endpoint.MacAddress?.toLowerCase() ?? '';
  return mac === derivedMac(endpoint.IPAddress) ? '' : mac;
};

/** An endpoint as it is asked for, `withMac` on an API from 1.44 on. */
export const askedEndpoint = (
  container: ContainerInspect,
  endpoint: Endpoint,
  withMac: boolean,
): Record<string, unknown> =>
  withoutEmpty({
    IPAMConfig: withoutEmpty(endpoint.IPAMConfig ?? {}),
    Links: endpoint.Links,
    Aliases: ownAliases(container, endpoint),
    DriverOpts: endpoint.DriverOpts,
    ...(isEmpty(endpoint.GwPriority) || endpoint.GwPriority === 0 ? {} : { GwPriority: endpoint.GwPriority }),
    MacAddress: withMac ? explicitMac(container, endpoint) : '',
  });
