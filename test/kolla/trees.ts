import { type ConfigFile, type ConfigTree, treeOf } from '../../src/kolla/tree.js';

export const configFile = (
  path: string,
  text: string,
  about: { readonly mode?: number; readonly uid?: number; readonly gid?: number } = {},
): ConfigFile => ({ path, mode: 0o660, uid: 0, gid: 0, ...about, content: Buffer.from(text) });

/** A tree by path and text; all files with the same mode and owner. */
export const configTree = (
  files: Readonly<Record<string, string>>,
  about: Parameters<typeof configFile>[2] = {},
): ConfigTree => treeOf(Object.entries(files).map(([path, text]) => configFile(path, text, about)));
