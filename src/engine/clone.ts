import { withoutEmpty } from './canonical.js';
import { carriedMounts } from './carried-mounts.js';
import type { ContainerInspect, ImageInspect } from './inspect.js';
import { askedEndpoint, atLeast, isFixedMode, primaryNetwork, shortId } from './networks.js';
import { FROM_IMAGE, ownConfig } from './own.js';
import type { ContainerSpec } from './port.js';

export { type Joined, joinedTo } from './joined.js';
export { oneOffSpec } from './one-off.js';
export { unsupported } from './unsupported.js';

export type CloneRequest = {
  readonly old: ContainerInspect;
  /** The image that the old one was created from: its defaults are not the operator's values. */
  readonly oldImage: ImageInspect;
  readonly newRef: string;
  readonly apiVersion: string;
  /** Under the host network the engine writes its own hostname into the configuration. */
  readonly engineHostname: string;
};

/**
 * From this API version on a container is created into all of its networks at once, and MACs belong to endpoints (the
 * container-wide one is deprecated; a network that is joined later gets none before 1.54).
 */
const ENDPOINTS = '1.44';

/** The hostname that was asked for; '' where the engine chose it, or where the mode forbids one. */
const ownHostname = ({ old, engineHostname }: CloneRequest): string => {
  const { NetworkMode, UTSMode } = old.HostConfig;
  const hostname = old.Config.Hostname ?? '';
  if (NetworkMode.startsWith('container:') || UTSMode === 'host' || hostname === shortId(old)) return '';
  return NetworkMode === 'host' && hostname === engineHostname ? '' : hostname;
};

const ownDomainname = (old: ContainerInspect): unknown =>
  old.HostConfig.NetworkMode.startsWith('container:') ? '' : old.Config.Domainname;

/** Fields that images give no defaults for are all the operator's. */
const restOfConfig = (old: ContainerInspect): Record<string, unknown> => {
  const fromImage: readonly string[] = FROM_IMAGE;
  return Object.fromEntries(Object.entries(old.Config).filter(([key]) => !fromImage.includes(key)));
};

type Endpoints = Readonly<Record<string, Record<string, unknown>>>;

const created = (EndpointsConfig: Endpoints): Record<string, unknown> =>
  Object.keys(EndpointsConfig).length === 0 ? {} : { NetworkingConfig: { EndpointsConfig } };

const networking = ({
  old,
  apiVersion,
}: CloneRequest): Pick<ContainerSpec, 'connect'> & { config: Record<string, unknown> } => {
  const { NetworkMode } = old.HostConfig;
  if (isFixedMode(NetworkMode)) return { config: {}, connect: [] };
  const together = atLeast(apiVersion, ENDPOINTS);
  const primary = primaryNetwork(old);
  const others = Object.entries(old.NetworkSettings.Networks ?? {})
    .filter(([name]) => name !== primary?.[0])
    .map(([network, other]) => ({ network, endpoint: askedEndpoint(old, other, together) }));
  const asked = primary ? askedEndpoint(old, primary[1], together) : {};
  const mac = together && old.Config.MacAddress ? { MacAddress: old.Config.MacAddress } : {};
  const endpoint = { ...mac, ...asked };
  const first = { [NetworkMode === 'default' || NetworkMode === '' ? 'bridge' : NetworkMode]: endpoint };
  if (together && others.length > 0) {
    const rest = Object.fromEntries(others.map((other) => [other.network, other.endpoint]));
    return { config: created({ ...first, ...rest }), connect: [] };
  }
  return { config: created(Object.keys(endpoint).length === 0 ? {} : first), connect: others };
};

/**
 * What to create so that a container of another image is configured as the old one: everything that the operator gave,
 * nothing that came from the old image. Restart policy is `no` until the new one is healthy. Adds no labels, because
 * kolla-ansible recreates a container whose labels it did not write (kolla_container_worker.py, `compare_labels`).
 */
export const cloneSpec = (request: CloneRequest): ContainerSpec => {
  const { old, oldImage, newRef, apiVersion } = request;
  const { config, connect } = networking(request);
  const { Hostname: _h, Domainname: _d, MacAddress, ...rest } = restOfConfig(old);
  const body = {
    ...rest,
    ...ownConfig(old.Config, oldImage.Config ?? {}),
    ...withoutEmpty({
      Hostname: ownHostname(request),
      Domainname: ownDomainname(old),
      MacAddress: atLeast(apiVersion, ENDPOINTS) ? '' : MacAddress,
    }),
    Image: newRef,
    HostConfig: {
      ...old.HostConfig,
      ...carriedMounts(old),
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    },
    ...config,
  };
  return { body, connect };
};
