import { posix } from 'node:path';
import { filesInTar, tarOf } from '../kolla/tar.js';
import { type ConfigFile, treeOf } from '../kolla/tree.js';
import type { SimContainer } from './container.js';
import type { Mount } from './mounts.js';
import type { SimHost } from './world.js';

/** A file system without folders of their own: absolute path to file. */
export type Files = Map<string, Omit<ConfigFile, 'path'>>;

type Spot = { readonly files: Files; readonly path: string; readonly mount?: Mount };

/** Where a path inside a container really lies: on the host behind a bind, else in the container's own layer. */
const spotOf = (host: SimHost, container: SimContainer, path: string): Spot => {
  const clean = posix.normalize(path).replace(/(?<=[^/]|^\/)\/+$/, '');
  const mount = container.mounts
    .filter(({ Type, Destination }) => Type === 'bind' && `${clean}/`.startsWith(`${Destination}/`))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
  if (!mount) return { files: container.layer, path: clean };
  return { files: host.files, path: posix.join(mount.Source, clean.slice(mount.Destination.length)), mount };
};

const below = ({ files, path }: Spot) => {
  const folder = path === '/' ? path : `${path}/`;
  return [...files]
    .filter(([name]) => name.startsWith(folder))
    .map(([name, file]) => ({ ...file, path: name.slice(folder.length) }));
};

const isFolder = (spot: Spot): boolean =>
  spot.path === '/' || spot.path === spot.mount?.Source || below(spot).length > 0;

/** A proof reads the same folders ten thousands of times: so many archives are shared between all that ask for them. */
const SHARED = 1_000;
const shared = new Map<string, Promise<Buffer>>();

const sharedTar = (files: readonly ConfigFile[], folder = ''): Promise<Buffer> => {
  const key = JSON.stringify([
    folder,
    files.map((file) => ({ ...file, content: file.content.toString('latin1') })),
  ]);
  const tar = shared.get(key) ?? (folder === '' ? tarOf({ files }) : tarOf(treeOf(files), { below: folder }));
  if (shared.size >= SHARED) shared.clear();
  shared.set(key, tar);
  return tar;
};

/** The tar of a path inside a simulated container; `undefined` where nothing is there. */
export const readFiles = async (
  host: SimHost,
  container: SimContainer,
  path: string,
): Promise<Buffer | undefined> => {
  const spot = spotOf(host, container, path);
  const file = spot.files.get(spot.path);
  if (file) return sharedTar([{ ...file, path: posix.basename(path) }]);
  if (!isFolder(spot)) return undefined;
  return sharedTar(below(spot), `${posix.basename(path) || '.'}/`);
};

/** Extracts a tar inside a simulated container; answers with Docker's refusal where it does not. */
export const writeFiles = async (
  host: SimHost,
  container: SimContainer,
  { path, tar }: { path: string; tar: Buffer },
): Promise<{ message: string; status: number } | undefined> => {
  const spot = spotOf(host, container, path);
  if (!isFolder(spot))
    return { message: `Could not find the file ${path} in container ${container.id}`, status: 404 };
  if (spot.mount?.RW === false) return { message: 'mounted volume is marked read-only', status: 500 };
  for (const { path: name, ...file } of (await filesInTar(tar)).files) {
    const at = spotOf(host, container, posix.join(path, name));
    at.files.set(at.path, file);
  }
  return undefined;
};

/** What the program in a container finds at a path, as text. */
export const textIn =
  (host: SimHost, container: SimContainer) =>
  (path: string): string | undefined => {
    const spot = spotOf(host, container, path);
    return spot.files.get(spot.path)?.content.toString('utf8');
  };

/** Why the image's program would not run with the configuration that it copies at every start. */
export const whyUnfit = (host: SimHost, container: SimContainer): string | undefined =>
  container.image.behaviour.unfit?.(textIn(host, container));
