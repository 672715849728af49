import { type FileHandle, open } from 'node:fs/promises';

/** The part of a file that the store writes through; tests put failing ones in its place. */
export type DiskFile = Pick<FileHandle, 'appendFile' | 'datasync' | 'sync' | 'truncate' | 'stat' | 'close'>;

export type Disk = { open(path: string, flags: string, mode: number): Promise<DiskFile> };

export const DISK: Disk = { open };

/** Makes a created or renamed name survive a power cut: fsync(2), "Calling fsync() does not necessarily ensure that the entry in the directory … has also reached disk". */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
