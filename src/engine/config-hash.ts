import { asAsked, canonical, isEmpty, sha256, withoutEmpty } from './canonical.js';
import type { ContainerInspect } from './inspect.js';
import { ownAliases } from './networks.js';

/** The engine lists mounts in random order. */
const mountsOf = (container: ContainerInspect): unknown[] =>
  [...(container.Mounts ?? [])].sort((a, b) => (a.Destination < b.Destination ? -1 : 1));

/** Addresses and endpoint ids are given at each start; only what was asked for counts. */
const networksOf = (container: ContainerInspect): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(container.NetworkSettings.Networks ?? {}).map(([name, endpoint]) => [
      name,
      withoutEmpty({
        IPAMConfig: withoutEmpty(endpoint.IPAMConfig ?? {}),
        Links: endpoint.Links,
        Aliases: ownAliases(container, endpoint),
        DriverOpts: isEmpty(endpoint.DriverOpts) ? undefined : endpoint.DriverOpts,
      }),
    ]),
  );

/**
 * SHA-256 of a container's configuration (`Config`, `HostConfig` with the restart policy, mounts, what was asked of its
 * networks). A restart, of its engine too, or a rename does not change it; any change of the configuration does.
 */
export const configHash = (container: ContainerInspect): string =>
  sha256(
    canonical({
      config: container.Config,
      hostConfig: asAsked(container.HostConfig),
      mounts: mountsOf(container),
      networks: networksOf(container),
    }),
  );
