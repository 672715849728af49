import { constants, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.js';
import { type ConfigFile, type ConfigTree, MOST, treeOf, UnfitTree } from './tree.js';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const WORDS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'is not there',
  EACCES: 'cannot be read by the bot (permission denied)',
  ENOTDIR: 'is no folder',
  ELOOP: 'is a symbolic link, which is not followed',
};

/** What the operating system says, in words. */
const unfit = (path: string, error: unknown): UnfitTree =>
  error instanceof UnfitTree
    ? error
    : new UnfitTree(`${path} ${WORDS[codeOf(error)] ?? `cannot be read (${messageOf(error)})`}`);

/** Neither follows a link nor waits for a pipe's other end. */
const PLAINLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Looked at through the open file, so that nobody exchanges it in between; `most` in bytes. */
const readOne = async (folder: string, path: string, most: number): Promise<ConfigFile> => {
  const file = await open(join(folder, path), PLAINLY);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new UnfitTree(`${path} is no plain file`);
    if (about.size > most) throw new UnfitTree(`it is larger than ${MOST.bytes} bytes with ${path}`);
    const content = await file.readFile();
    return { path, mode: about.mode & 0o7777, uid: about.uid, gid: about.gid, content };
  } finally {
    await file.close();
  }
};

const pathsBelow = async (folder: string, within = ''): Promise<string[]> => {
  const paths: string[] = [];
  for (const entry of await readdir(join(folder, within), { withFileTypes: true })) {
    const path = within === '' ? entry.name : `${within}/${entry.name}`;
    if (paths.length > MOST.files) throw new UnfitTree(`it holds more than ${MOST.files} files`);
    if (entry.isDirectory()) paths.push(...(await pathsBelow(folder, path)));
    else paths.push(path);
  }
  return paths;
};

/** Where rendered folders are read; both throw `UnfitTree`. */
export type Folders = {
  readonly read: (folder: string) => Promise<ConfigTree>;
  /** The release that a host's folder says of itself. */
  readonly said: (hostFolder: string) => Promise<string | undefined>;
};

/** A rendered configuration folder of this machine. Throws `UnfitTree`: links and what is no file are refused. */
export const readFolder = async (folder: string): Promise<ConfigTree> => {
  try {
    const files: ConfigFile[] = [];
    let left: number = MOST.bytes;
    for (const path of await pathsBelow(folder)) {
      const file = await readOne(folder, path, left).catch((error: unknown) => {
        throw unfit(path, error);
      });
      left -= file.content.length;
      files.push(file);
    }
    return treeOf(files);
  } catch (error) {
    throw unfit(folder, error);
  }
};

const RELEASE_FILE_MOST = 256;

const releaseIn = async (folder: string): Promise<string | undefined> => {
  try {
    const { content } = await readOne(folder, 'release', RELEASE_FILE_MOST);
    return content.toString('utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw unfit(join(folder, 'release'), error);
  }
};

/**
 * The release that a rendered folder of a host says of itself: the one line of a file `release` in it or beside it.
 * `undefined` where there is none. Throws `UnfitTree`.
 */
export const releaseSaid = async (hostFolder: string): Promise<string | undefined> =>
  (await releaseIn(hostFolder)) ?? releaseIn(dirname(hostFolder));

export const FOLDERS: Folders = { read: readFolder, said: releaseSaid };
