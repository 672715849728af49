import { extract, type Header, pack } from 'tar-stream';
import { z } from 'zod';
import { type ConfigFile, type ConfigTree, MOST, treeOf, UnfitTree } from './tree.js';

/** Beyond this a number does not fit a plain header's field; a PAX record then says it (POSIX pax, `uid`, `gid`). */
const LARGEST_PLAIN_ID = 0o7777777;

const paxOwner = z
  .looseObject({ uid: z.coerce.number().optional(), gid: z.coerce.number().optional() })
  .nullish();

const ownerOf = (header: Header): { uid: number; gid: number } => {
  const pax = paxOwner.parse(header.pax);
  return { uid: pax?.uid ?? header.uid, gid: pax?.gid ?? header.gid };
};

/** One entry of an archive while it is read. */
type Entry = AsyncIterable<unknown> & { readonly header: Header };

/** Where an entry lies: behind the folder's own name, which stands first in what an engine gives, or as it is named. */
type Within = (name: string) => string;

const asNamed: Within = (name) => {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new UnfitTree(`the path ${name} leads out of it`);
  return parts.join('/');
};

const behindFolder: Within = (name) => asNamed(name).split('/').slice(1).join('/');

const contentOf = async (entry: Entry): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const fileOf = async (
  entry: Entry,
  within: Within,
  before: readonly ConfigFile[],
): Promise<ConfigFile | undefined> => {
  const { type, name, linkname, mode } = entry.header;
  const path = within(name);
  const about = { path, mode: mode & 0o7777, ...ownerOf(entry.header) };
  const content = await contentOf(entry);
  if (type === 'file' || type === 'contiguous-file') {
    if (path === '') throw new UnfitTree('it is a file and no folder');
    return { ...about, content };
  }
  if (type === 'directory') return undefined;
  // A second name of a file comes as a link to its first one.
  const first = type === 'link' && before.find((file) => file.path === within(linkname));
  if (first) return { ...about, content: first.content };
  throw new UnfitTree(`${path || name} is neither a plain file nor a folder (${type})`);
};

const read = async (tar: Buffer, within: Within): Promise<ConfigTree> => {
  const files: ConfigFile[] = [];
  const reading = extract();
  reading.end(tar);
  for await (const entry of reading) {
    const file = await fileOf(entry, within, files);
    if (file) files.push(file);
    if (files.length > MOST.files) break;
  }
  return treeOf(files);
};

/** The files of a folder as `readArchive` gives it, `<its name>/…`. Throws `UnfitTree`. */
export const treeFromTar = (tar: Buffer): Promise<ConfigTree> => read(tar, behindFolder);

/** The files of an archive as `writeArchive` takes it, by the paths that are in it. Throws `UnfitTree`. */
export const filesInTar = (tar: Buffer): Promise<ConfigTree> => read(tar, asNamed);

const parentsOf = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, at) => parts.slice(0, at + 1).join('/'));
};

type Wanted = Pick<Header, 'name' | 'mode' | 'uid' | 'gid'> & { readonly type?: 'directory' };

const headerOf = (wanted: Wanted) => {
  const { uid, gid } = wanted;
  const large = Math.max(uid, gid) > LARGEST_PLAIN_ID;
  return large ? { ...wanted, uid: 0, gid: 0, pax: { uid: String(uid), gid: String(gid) } } : wanted;
};

export type TarPlace = {
  /** Put in front of every path, with its slash; an entry for that folder itself is made. */
  readonly below?: string;
  /** Folders in which these files lie are there already and keep their owner and mode. */
  readonly beside?: ConfigTree;
};

/** An archive for `writeArchive`. Folders that are new get the owner of config.json and Kolla's mode for them. */
export const tarOf = async (tree: ConfigTree, { below = '', beside }: TarPlace = {}): Promise<Buffer> => {
  const writing = pack();
  const { uid, gid } = tree.files.find(({ path }) => path === 'config.json') ?? { uid: 0, gid: 0 };
  const known = new Set((beside?.files ?? []).flatMap(({ path }) => parentsOf(path)));
  const folders = [...new Set(tree.files.flatMap(({ path }) => parentsOf(path)))].filter(
    (folder) => !known.has(folder),
  );
  for (const name of [...(below === '' ? [] : [below]), ...folders.map((folder) => `${below}${folder}/`)])
    writing.entry(headerOf({ name, type: 'directory', mode: 0o770, uid, gid }));
  for (const { path, content, ...about } of tree.files)
    writing.entry(headerOf({ name: `${below}${path}`, ...about }), content);
  writing.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of writing) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};
