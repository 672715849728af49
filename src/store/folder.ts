import { dirname, join, resolve } from 'node:path';
import { messageOf, Refusal } from '../errors.js';
import type { Log } from '../log.js';
import type { Place } from './chain.js';
import type { Disk } from './disk.js';

/** Makes the folder (0700) where it is missing and takes everybody else's rights from it and its files (0600). */
export const secureFolder = async ({ disk, folder }: Place, log: Pick<Log, 'warn'>): Promise<void> => {
  const restrict = restricting(disk, log);
  try {
    const made = await disk.mkdir(folder, 0o700);
    if (made) await syncAbove(disk, resolve(folder), resolve(made));
    await restrict(folder, 0o700);
    for (const name of await disk.readdir(folder)) {
      if (/^(?:journal-\d+\.jsonl|db\.json.*|LOCK|reserve)$/.test(name))
        await restrict(join(folder, name), 0o600);
    }
  } catch (error) {
    throw new Refusal(
      'bad-config',
      `The state folder ${folder} cannot be used: ${messageOf(error)}.`,
      'STACKSWAP_STATE must name a folder that the bot owns or may create.',
    );
  }
};

/** Every folder that got a new name is synced, from the deepest up to the one that was there before. */
const syncAbove = async (disk: Disk, folder: string, made: string): Promise<void> => {
  await disk.syncFolder(dirname(folder));
  if (folder !== made) await syncAbove(disk, dirname(folder), made);
};

const restricting =
  (disk: Disk, log: Pick<Log, 'warn'>) =>
  async (path: string, wanted: number): Promise<void> => {
    const mode = await disk.mode(path);
    if (mode === wanted) return;
    await disk.chmod(path, wanted);
    log.warn({ path }, `mode was ${mode.toString(8)}, is now ${wanted.toString(8)}`);
  };
