import { anonymousVolumes, cleanPath, isBareBind, volumeName } from './anonymous.js';
import { asAsked, isEmpty, same, withoutEmpty } from './canonical.js';
import { isLeftOut } from './compare-rules.js';
import type { ContainerInspect, ImageInspect } from './inspect.js';
import { explicitMac, ownAliases, shortId } from './networks.js';
import { ownConfig, variableOf, withImage } from './own.js';

export type Comparison = {
  readonly before: ContainerInspect;
  readonly after: ContainerInspect;
  /** The images that the two were created from. */
  readonly beforeImage: ImageInspect;
  readonly afterImage: ImageInspect;
};

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const askedHostname = ({ Id, Config, HostConfig }: ContainerInspect): string => {
  const others = HostConfig.NetworkMode.startsWith('container:') || HostConfig.UTSMode === 'host';
  return others || Config.Hostname === shortId({ Id }) ? '' : (Config.Hostname ?? '');
};

/** Variables by name, so that a difference can be told without their values. */
const byVariable = (env: unknown): Fields => {
  const entries = Array.isArray(env) ? env.filter((entry) => typeof entry === 'string') : [];
  return Object.fromEntries(
    [...new Set(entries.map(variableOf))].map((name) => [
      name,
      entries.filter((entry) => variableOf(entry) === name),
    ]),
  );
};

const withoutZero = (healthcheck: unknown): Fields =>
  isFields(healthcheck)
    ? Object.fromEntries(Object.entries(healthcheck).filter(([, value]) => value !== 0 && !isEmpty(value)))
    : {};

const comparableConfig = (container: ContainerInspect, fromImage: Fields): Fields =>
  withoutEmpty({
    ...container.Config,
    ...fromImage,
    Env: byVariable(fromImage.Env),
    Healthcheck: withoutZero(fromImage.Healthcheck),
    Hostname: askedHostname(container),
    Domainname: container.HostConfig.NetworkMode.startsWith('container:') ? '' : container.Config.Domainname,
  });

const comparableHostConfig = ({ HostConfig }: ContainerInspect, anonymous: ReadonlySet<string>): Fields => {
  const { Name, MaximumRetryCount } = HostConfig.RestartPolicy;
  const mounts = (HostConfig.Mounts ?? []).filter(
    (mount) => !(mount.Type === 'volume' && anonymous.has(cleanPath(mount.Target))),
  );
  const binds = (HostConfig.Binds ?? []).filter((bind) => !isBareBind(bind));
  return {
    ...asAsked(HostConfig),
    Mounts: mounts.length > 0 ? mounts : null,
    Binds: binds.length > 0 ? binds : null,
    RestartPolicy: { Name: Name || 'no', MaximumRetryCount: Name === 'on-failure' ? MaximumRetryCount : 0 },
  };
};

const comparableMounts = (container: ContainerInspect, anonymous: ReadonlySet<string>): Fields =>
  Object.fromEntries(
    (container.Mounts ?? []).map((mount) => [
      cleanPath(mount.Destination),
      anonymous.has(cleanPath(mount.Destination)) ? { ...mount, Mode: '', Name: volumeName(mount) } : mount,
    ]),
  );

const comparableNetworks = (container: ContainerInspect, other: ContainerInspect): Fields =>
  Object.fromEntries(
    Object.entries(container.NetworkSettings.Networks ?? {}).map(([name, endpoint]) => {
      const twin = other.NetworkSettings.Networks?.[name];
      const bothHave = (key: 'NetworkID' | 'MacAddress') => Boolean(endpoint[key] && twin?.[key]);
      return [
        name,
        {
          ...endpoint,
          IPAMConfig: withoutEmpty(endpoint.IPAMConfig ?? {}),
          Links: endpoint.Links ?? [],
          DriverOpts: endpoint.DriverOpts ?? {},
          Aliases: ownAliases(container, endpoint),
          NetworkID: bothHave('NetworkID') ? endpoint.NetworkID : '',
          MacAddress: bothHave('MacAddress') ? explicitMac(container, endpoint) : '',
        },
      ];
    }),
  );

/** Volumes that the new image declares and the old container did not have are the new image's. */
const withoutNewVolumes = (mounts: Fields, before: Fields, image: ImageInspect): Fields => {
  const declared = new Set(Object.keys(image.Config?.Volumes ?? {}).map(cleanPath));
  return Object.fromEntries(
    Object.entries(mounts).filter(([destination]) => destination in before || !declared.has(destination)),
  );
};

const shown = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

/** Only numbers and booleans are shown: any text of a configuration may be a secret. */
const tell = (path: readonly string[], before: unknown, after: unknown): string => {
  const name = path.join('.');
  if (before === undefined) return `${name} was added`;
  if (after === undefined) return `${name} is missing`;
  const [was, is] = [shown(before), shown(after)];
  return was !== undefined && is !== undefined ? `${name} is ${is}, was ${was}` : `${name} differs`;
};

const walk = (path: readonly string[], before: unknown, after: unknown): string[] => {
  if (isLeftOut(path) || same(before, after)) return [];
  if (!isFields(before) || !isFields(after)) return [tell(path, before, after)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => walk([...path, key], before[key], after[key]));
};

/**
 * The written comparison (docs/comparison.md): all fields in which `after` is not configured as `before`, by name and
 * never with a text value; empty when the two are alike. `before` may be running or stopped.
 */
export const differences = ({ before, after, beforeImage, afterImage }: Comparison): string[] => {
  const anonymous = new Set(anonymousVolumes(before).map((volume) => volume.destination));
  const expected = withImage(ownConfig(before.Config, beforeImage.Config ?? {}), afterImage.Config ?? {});
  const mounts = comparableMounts(before, anonymous);
  const side = (
    container: ContainerInspect,
    other: ContainerInspect,
    fromImage: Fields,
    mounted: Fields,
  ): Fields => ({
    ...container,
    Config: comparableConfig(container, fromImage),
    HostConfig: comparableHostConfig(container, anonymous),
    Mounts: mounted,
    NetworkSettings: { ...container.NetworkSettings, Networks: comparableNetworks(container, other) },
  });
  const mountsAfter = withoutNewVolumes(comparableMounts(after, anonymous), mounts, afterImage);
  return walk([], side(before, after, expected, mounts), side(after, before, after.Config, mountsAfter));
};
