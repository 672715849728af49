import { anonymousVolumes, cleanPath, isBareBind } from './anonymous.js';
import type { ContainerInspect } from './inspect.js';

/** The mounts of the old one, and its anonymous volumes by name, so that their content is not left behind. */
export const carriedMounts = (old: ContainerInspect): { Binds?: string[]; Mounts?: unknown[] } => {
  const anonymous = anonymousVolumes(old);
  if (anonymous.length === 0) return {};
  const asked = old.HostConfig.Mounts ?? [];
  const destinations = new Set(anonymous.map((volume) => volume.destination));
  const others = asked.filter((mount) => !destinations.has(cleanPath(mount.Target)));
  const carried = anonymous.map((volume) => ({
    Type: 'volume',
    Source: volume.name,
    Target: volume.destination,
    ReadOnly: !volume.writable,
    VolumeOptions: { NoCopy: true },
  }));
  const binds = old.HostConfig.Binds;
  return {
    ...(binds ? { Binds: binds.filter((bind) => !isBareBind(bind)) } : {}),
    Mounts: [...others, ...carried],
  };
};
