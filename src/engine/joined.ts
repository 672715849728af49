import { type ContainerInspect, nameOf } from './inspect.js';

export type Joined = { readonly name: string; readonly by: 'network' | 'ipc' | 'pid' | 'volumes-from' };

/** What a container names when it joins another: an id, a name, or the beginning of an id. */
const refers = (ref: string, target: ContainerInspect, all: readonly ContainerInspect[]): boolean => {
  const plain = ref.replace(/^\//, '');
  if (plain === target.Id || plain === nameOf(target)) return true;
  const isName = all.some((other) => nameOf(other) === plain);
  return plain !== '' && !isName && target.Id.startsWith(plain);
};

const modeRef = (mode: string | null | undefined): string | undefined =>
  mode?.startsWith('container:') ? mode.slice('container:'.length) : undefined;

/** `<container>`, `<container>:ro` or `<container>:rw`. */
const volumesFromRef = (from: string): string => from.replace(/:[a-z,]+$/i, '');

/**
 * Containers (stopped ones, too) that live in a namespace or on the volumes of the target. The engine froze the
 * target's id into them when they were created, so they would stay with the old container after a swap.
 */
export const joinedTo = (target: ContainerInspect, all: readonly ContainerInspect[]): Joined[] =>
  all
    .filter((other) => other.Id !== target.Id)
    .flatMap((other) => {
      const { NetworkMode, IpcMode, PidMode, VolumesFrom } = other.HostConfig;
      const refs: readonly (readonly [Joined['by'], string | undefined])[] = [
        ['network', modeRef(NetworkMode)],
        ['ipc', modeRef(IpcMode)],
        ['pid', modeRef(PidMode)],
        ...(VolumesFrom ?? []).map((from) => ['volumes-from', volumesFromRef(from)] as const),
      ];
      return refs
        .filter(([, ref]) => ref !== undefined && refers(ref, target, all))
        .map(([by]) => ({ name: nameOf(other), by }));
    });
