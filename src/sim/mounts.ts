import { hex64, type SimImage } from './image.js';

/** A volume's content: file name to text. */
export type Volumes = Map<string, Map<string, string>>;

export type Mount = {
  Type: 'bind' | 'volume' | 'tmpfs';
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
};

type Wanted = {
  readonly binds: readonly string[];
  readonly mounts: readonly {
    readonly Type?: unknown;
    readonly Source?: unknown;
    readonly Target?: unknown;
    readonly ReadOnly?: unknown;
  }[];
  readonly from: readonly (readonly Mount[])[];
  /** Keys of the merged `Config.Volumes`. */
  readonly declared: readonly string[];
};

const trim = (path: string): string => path.replace(/(?<=[^/]|^\/)\/+$/, '');

/** Makes the volume if it is not there; a new one starts with what the image holds at that path. */
const volume = (volumes: Volumes, name: string, files: Readonly<Record<string, string>> = {}): void => {
  if (!volumes.has(name)) volumes.set(name, new Map(Object.entries(files)));
};

const volumeMount = (Name: string, Destination: string, options: { rw: boolean; mode: string }): Mount => ({
  Type: 'volume',
  Name,
  Source: `/var/lib/docker/volumes/${Name}/_data`,
  Destination: trim(Destination),
  Driver: 'local',
  Mode: options.mode,
  RW: options.rw,
  Propagation: '',
});

const bindMount = (source: string, destination: string, mode: string): Mount => ({
  Type: 'bind',
  Source: trim(source),
  Destination: trim(destination),
  Mode: mode,
  RW: !mode.split(',').includes('ro'),
  Propagation: mode.split(',').find((word) => /^r?(shared|slave|private)$/.test(word)) ?? 'rprivate',
});

const fromBind = (bind: string): Mount => {
  const [source = '', destination = '', mode = ''] = bind.split(':');
  if (source.startsWith('/')) return bindMount(source, destination, mode);
  return volumeMount(source, destination, { rw: !mode.split(',').includes('ro'), mode: mode || 'z' });
};

const fromMount = (mount: Wanted['mounts'][number], fresh: (target: string) => string): Mount => {
  const target = String(mount.Target);
  const rw = mount.ReadOnly !== true;
  if (mount.Type === 'volume')
    return volumeMount(
      typeof mount.Source === 'string' && mount.Source !== '' ? mount.Source : fresh(target),
      target,
      { rw, mode: 'z' },
    );
  if (mount.Type === 'bind') return { ...bindMount(String(mount.Source), target, ''), RW: rw };
  return { Type: 'tmpfs', Source: '', Destination: trim(target), Mode: '', RW: rw, Propagation: '' };
};

/**
 * `Mounts` of a new container, in Docker's order of precedence: other containers' volumes, binds, mounts, and an
 * anonymous volume for each declared path that is still free. Volumes that are missing are made.
 */
export const mountsOf = (
  wanted: Wanted,
  world: { volumes: Volumes; image: SimImage; id: string },
): Mount[] => {
  const fresh = (target: string): string => hex64(`volume ${world.id} ${target}`);
  const byDestination = new Map<string, Mount>();
  const put = (mount: Mount): void => void byDestination.set(mount.Destination, mount);
  for (const list of wanted.from) for (const mount of list) put(mount);
  for (const bind of wanted.binds) put(fromBind(bind));
  for (const mount of wanted.mounts) put(fromMount(mount, fresh));
  for (const path of wanted.declared)
    if (!byDestination.has(trim(path))) put(volumeMount(fresh(path), path, { rw: true, mode: '' }));
  const mounts = [...byDestination.values()];
  for (const mount of mounts)
    if (mount.Name !== undefined) volume(world.volumes, mount.Name, world.image.files[mount.Destination]);
  return mounts;
};
