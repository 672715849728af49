import { posix } from 'node:path';
import { type Content, emptyContent } from './disk-content.js';

export type Inode = { mode: number; readonly content?: Content };

/** One change of names, which happens as a whole or not at all; `undefined` takes the name away. */
type Change = { readonly folder: string; readonly names: readonly (readonly [string, Inode | undefined])[] };

/** Errors that bear `code` as Node's do. */
export const diskError = (code: string, what: string, path: string): Error =>
  Object.assign(new Error(`${code}: simulated disk, ${what} '${path}'`), { code });

const put = (names: Map<string, Inode>, changes: readonly Change[]): void => {
  for (const [path, inode] of changes.flatMap((change) => change.names)) {
    if (inode) names.set(path, inode);
    else names.delete(path);
  }
};

/** The tree of a simulated disk. A name is sure to outlive the power only once its folder was synced. */
export const diskNames = () => {
  const root: Inode = { mode: 0o755 };
  let names = new Map<string, Inode>([['/', root]]);
  const kept = new Map(names);
  let pending: readonly Change[] = [];

  const change = (next: Change): void => {
    pending = [...pending, next];
    put(names, [next]);
  };
  const found = (path: string, what: string): Inode => {
    const inode = names.get(path);
    if (!inode) throw diskError('ENOENT', what, path);
    return inode;
  };

  return {
    get: (path: string) => names.get(path),
    found,
    /** The content of a file; a folder has none. */
    fileAt: (path: string, what: string): Content => {
      const { content } = found(path, what);
      if (!content) throw diskError('EISDIR', what, path);
      return content;
    },
    makeFile: (path: string, mode: number): Content => {
      const folder = posix.dirname(path);
      found(folder, 'open');
      const content = emptyContent();
      change({ folder, names: [[path, { mode, content }]] });
      return content;
    },
    /** With its parents; answers with the first one made. */
    makeFolder: (path: string, mode: number): string | undefined => {
      const missing: string[] = [];
      for (let at = path; !names.has(at); at = posix.dirname(at)) missing.unshift(at);
      for (const one of missing) change({ folder: posix.dirname(one), names: [[one, { mode }]] });
      return missing[0];
    },
    rename: (from: string, to: string): void => {
      const inode = found(from, 'rename');
      change({
        folder: posix.dirname(from),
        names: [
          [to, inode],
          [from, undefined],
        ],
      });
    },
    remove: (path: string): void => {
      if (names.has(path)) change({ folder: posix.dirname(path), names: [[path, undefined]] });
    },
    list: (folder: string): string[] => {
      found(folder, 'readdir');
      return [...names.keys()]
        .filter((path) => path !== '/' && posix.dirname(path) === folder)
        .map((path) => posix.basename(path));
    },
    syncFolder: (folder: string): void => {
      put(
        kept,
        pending.filter((one) => one.folder === folder),
      );
      pending = pending.filter((one) => one.folder !== folder);
    },
    /** Bytes of all files. */
    used: (): number =>
      [...new Set(names.values())].reduce((sum, { content }) => sum + (content?.size() ?? 0), 0),
    /** Each change of a folder that was not synced happened or did not, and each file loses for itself. */
    cutPower: (random: () => number): void => {
      put(
        kept,
        pending.filter(() => random() < 0.5),
      );
      pending = [];
      for (const path of [...kept.keys()].sort((a, b) => a.length - b.length))
        if (path !== '/' && !kept.has(posix.dirname(path))) kept.delete(path);
      for (const { content } of new Set(kept.values())) content?.cutPower(random);
      names = new Map(kept);
    },
  };
};

export type DiskNames = ReturnType<typeof diskNames>;
