import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, Refusal } from '../errors.js';
import type { Log } from '../log.js';
import { syncFolder } from './disk.js';

/** Makes the folder (0700) where it is missing and takes everybody else's rights from it and its files (0600). */
export const secureFolder = async (folder: string, log: Pick<Log, 'warn'>): Promise<void> => {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made)
      for (const parent of new Set([dirname(made), dirname(resolve(folder))])) await syncFolder(parent);
    await restrict(folder, 0o700, log);
    for (const name of await readdir(folder)) {
      if (/^(?:journal-\d+\.jsonl|db\.json.*|LOCK)$/.test(name))
        await restrict(join(folder, name), 0o600, log);
    }
  } catch (error) {
    throw new Refusal(
      'bad-config',
      `The state folder ${folder} cannot be used: ${messageOf(error)}.`,
      'STACKSWAP_STATE must name a folder that the bot owns or may create.',
    );
  }
};

const restrict = async (path: string, wanted: number, log: Pick<Log, 'warn'>): Promise<void> => {
  const mode = (await lstat(path)).mode & 0o777;
  if (mode === wanted) return;
  await chmod(path, wanted);
  log.warn({ path }, `mode was ${mode.toString(8)}, is now ${wanted.toString(8)}`);
};
