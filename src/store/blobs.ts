import { join } from 'node:path';
import { sha256 } from '../engine/canonical.js';
import { codeOf, DISK, type Disk } from './disk.js';

/** Texts too big or too secret for the journal, which holds their names only: a name is the SHA-256 of its text. */
export type Blobs = {
  /** On the disk when it resolves; equal texts are kept once. Throws where the disk takes nothing. */
  keep(text: string): Promise<string>;
  /** `undefined` where it is not there, or is not what its name says. */
  read(name: string): Promise<string | undefined>;
  /** Removes what is not wanted any more; a file that cannot be removed stays for the next time. */
  sweep(wanted: ReadonlySet<string>): Promise<number>;
};

export const BLOBS_FOLDER = 'blobs';

const NAME = /^[0-9a-f]{64}$/;

const readOr = async <T>(read: () => Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise;
    throw error;
  }
};

/** Below the state folder: a folder of mode 0700, files of mode 0600. */
export const blobsIn = (stateFolder: string, disk: Disk = DISK): Blobs => {
  const folder = join(stateFolder, BLOBS_FOLDER);
  const read = async (name: string): Promise<string | undefined> => {
    if (!NAME.test(name)) return undefined;
    const text = (await readOr(() => disk.readFile(join(folder, name)), undefined))?.toString('utf8');
    return text !== undefined && sha256(text) === name ? text : undefined;
  };
  const write = async (name: string, text: string): Promise<void> => {
    const temporary = join(folder, `${name}.${process.pid}.tmp`);
    const file = await disk.open(temporary, 'w', 0o600);
    try {
      await file.appendFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temporary, join(folder, name));
    await disk.syncFolder(folder);
  };
  return {
    keep: async (text) => {
      const name = sha256(text);
      const made = await disk.mkdir(folder, 0o700);
      if (made) await disk.syncFolder(stateFolder);
      else if ((await disk.mode(folder)) !== 0o700) await disk.chmod(folder, 0o700);
      // A file of that name that is something else was damaged: it is written anew.
      if ((await read(name)) === undefined) await write(name, text);
      return name;
    },
    read,
    sweep: async (wanted) => {
      const names = await readOr(() => disk.readdir(folder), []);
      const idle = names.filter((name) => !wanted.has(name));
      for (const name of idle) await disk.rm(join(folder, name));
      return idle.length;
    },
  };
};

/** For tests and simulations without a disk. */
export const memoryBlobs = (): Blobs => {
  const texts = new Map<string, string>();
  return {
    keep: async (text) => {
      texts.set(sha256(text), text);
      return sha256(text);
    },
    read: async (name) => texts.get(name),
    sweep: async (wanted) => {
      const idle = [...texts.keys()].filter((name) => !wanted.has(name));
      for (const name of idle) texts.delete(name);
      return idle.length;
    },
  };
};
