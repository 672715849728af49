import { createHash } from 'node:crypto';

/** One file of a service's configuration folder (`/etc/kolla/<service>`); `path` is relative to that folder. */
export type ConfigFile = {
  readonly path: string;
  /** Permission bits, such as 0o660. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: Buffer;
};

/** A service's configuration folder, sorted by path. It holds secrets: never shown, logged or journaled as it is. */
export type ConfigTree = { readonly files: readonly ConfigFile[] };

/** Most that a configuration folder may hold; those of Kolla are a few hundred KiB. Bytes. */
export const MOST = { files: 2_000, bytes: 16 * 1024 * 1024 } as const;

/** A folder or an archive that cannot be taken as a configuration; the message names the file, never what is in it. */
export class UnfitTree extends Error {
  override readonly name = 'UnfitTree';
}

/** Sorted by path, and refused where it is more than `MOST` or holds a path twice. */
export const treeOf = (files: readonly ConfigFile[]): ConfigTree => {
  const bytes = files.reduce((sum, file) => sum + file.content.length, 0);
  if (files.length > MOST.files || bytes > MOST.bytes)
    throw new UnfitTree(
      `it holds ${files.length} files with ${bytes} bytes; at most ${MOST.files} files with ${MOST.bytes} bytes are taken`,
    );
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const twice = sorted.find((file, at) => file.path === sorted[at - 1]?.path);
  if (twice) throw new UnfitTree(`the path ${twice.path} is in it twice`);
  return { files: sorted };
};

export const fileAt = (tree: ConfigTree, path: string): ConfigFile | undefined =>
  tree.files.find((file) => file.path === path);

const sameFile = (one: ConfigFile | undefined, other: ConfigFile): boolean =>
  one !== undefined &&
  one.mode === other.mode &&
  one.uid === other.uid &&
  one.gid === other.gid &&
  one.content.equals(other.content);

/** SHA-256 over path, mode, owner and content of every file. */
export const hashOf = (tree: ConfigTree): string => {
  const hash = createHash('sha256');
  for (const { path, mode, uid, gid, content } of tree.files) {
    hash.update(JSON.stringify([path, mode, uid, gid, content.length]));
    hash.update(content);
  }
  return hash.digest('hex');
};

/** Whether each file of `wanted` is in `tree` as it is wanted; what else is there does not matter. */
export const holds = (tree: ConfigTree, wanted: ConfigTree): boolean => {
  const there = new Map(tree.files.map((file) => [file.path, file]));
  return wanted.files.every((file) => sameFile(there.get(file.path), file));
};

/**
 * What is installed of a rendered folder: owner and mode are those of the host's present file of the same path. A new
 * file gets the present config.json's owner (Kolla: root, or config_owner_user) and keeps the mode it was rendered with.
 */
export const toInstall = (rendered: ConfigTree, present: ConfigTree): ConfigTree => {
  const there = new Map(present.files.map((file) => [file.path, file]));
  const { uid, gid } = there.get('config.json') ?? present.files[0] ?? { uid: 0, gid: 0 };
  return {
    files: rendered.files.map((file) => {
      const old = there.get(file.path);
      return old ? { ...old, content: file.content } : { ...file, uid, gid };
    }),
  };
};
