import { posix } from 'node:path';
import type { ContainerInspect } from './inspect.js';

export type AnonymousVolume = {
  /** The engine's own name for it, 64 hex digits as a rule. */
  readonly name: string;
  readonly destination: string;
  readonly writable: boolean;
};

/** `/data/` and `/data` are one place; the engine reports the latter. */
export const cleanPath = (path: string): string => posix.normalize(path).replace(/(.)\/$/, '$1');

/** A bind that is only a destination asks for an anonymous volume. */
export const isBareBind = (bind: string): boolean => !bind.includes(':');

type Mount = NonNullable<ContainerInspect['Mounts']>[number];

/** Docker 28 does not name the volume of a bare bind; the local driver's folder bears the name. */
export const volumeName = ({ Name, Source }: Mount): string | undefined =>
  Name || /\/volumes\/([0-9a-f]{64})\/_data$/.exec(Source ?? '')?.[1];

const askedWithoutName = ({ Config, HostConfig }: ContainerInspect): Set<string> =>
  new Set(
    [
      ...Object.keys(Config.Volumes ?? {}),
      ...(HostConfig.Binds ?? []).filter(isBareBind),
      ...(HostConfig.Mounts ?? [])
        .filter((mount) => mount.Type === 'volume' && !mount.Source)
        .map((mount) => mount.Target),
    ].map(cleanPath),
  );

const named = ({ HostConfig }: ContainerInspect): Set<string> =>
  new Set(
    [
      ...(HostConfig.Binds ?? []).flatMap((bind) => bind.split(':')[1] ?? []),
      ...(HostConfig.Mounts ?? []).filter((mount) => mount.Source).map((mount) => mount.Target),
    ].map(cleanPath),
  );

/**
 * Volumes that were asked for by destination only (`-v /x`, a mount without a source, the image's VOLUME). A create
 * from the same request would make new, empty ones, so a copy must name them.
 */
export const anonymousVolumes = (container: ContainerInspect): AnonymousVolume[] => {
  const asked = askedWithoutName(container);
  const withName = named(container);
  return (container.Mounts ?? []).flatMap((mount) => {
    const destination = cleanPath(mount.Destination);
    const anonymous = mount.Type === 'volume' && asked.has(destination) && !withName.has(destination);
    const name = volumeName(mount);
    return anonymous && name ? [{ name, destination, writable: mount.RW }] : [];
  });
};
