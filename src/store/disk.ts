import { createReadStream } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** The part of an open file that the store works through. */
export type DiskFile = {
  appendFile(content: string | Buffer): Promise<void>;
  /** Bytes and length are on the disk when it resolves: fdatasync(2). */
  datasync(): Promise<void>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  close(): Promise<void>;
};

/** Everything that the store asks of a file system; errors bear `code` as Node's do. A simulated one stands in for it. */
export type Disk = {
  open(path: string, flags: 'a' | 'ax' | 'w' | 'r+', mode?: number): Promise<DiskFile>;
  readFile(path: string): Promise<Buffer>;
  /** The lines of a file without their ends, read piece by piece. */
  lines(path: string): AsyncIterable<string>;
  readdir(folder: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  /** Nothing to do where there is no such file. */
  rm(path: string): Promise<void>;
  /** With its parents; answers with the first folder that was made. */
  mkdir(folder: string, mode: number): Promise<string | undefined>;
  /** Permission bits of a file or folder. */
  mode(path: string): Promise<number>;
  chmod(path: string, mode: number): Promise<void>;
  /** Makes a created or renamed name survive a power cut: fsync(2), "Calling fsync() does not necessarily ensure that the entry in the directory … has also reached disk". */
  syncFolder(folder: string): Promise<void>;
};

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

export const DISK: Disk = {
  open,
  readFile: (path) => readFile(path),
  lines: (path) => createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }),
  readdir: (folder) => readdir(folder),
  rename,
  rm: (path) => rm(path, { force: true }),
  mkdir: (folder, mode) => mkdir(folder, { recursive: true, mode }),
  mode: async (path) => (await lstat(path)).mode & 0o777,
  chmod,
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
