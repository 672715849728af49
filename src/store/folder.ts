import { dirname, join } from 'node:path';
import { messageOf, Refusal } from '../errors.js';
import type { Log } from '../log.js';
import type { Place } from './chain.js';
import { codeOf, type Disk } from './disk.js';

/** Makes the folder (0700) where it is missing and takes everybody else's rights from it and its files (0600). */
export const secureFolder = async ({ disk, folder }: Place, log: Pick<Log, 'warn'>): Promise<void> => {
  const restrict = restricting(disk, log);
  try {
    await disk.mkdir(folder, 0o700);
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

/**
 * Makes the folder's own name, and those of its parents, outlive the power. Whether an earlier start that was killed made
 * some of them cannot be known, so all are synced; a parent that may not be opened is not ours and was there before.
 */
export const syncAncestors = async (disk: Disk, folder: string): Promise<void> => {
  const parent = dirname(folder);
  try {
    await disk.syncFolder(parent);
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
  }
  if (parent !== dirname(parent)) await syncAncestors(disk, parent);
};

const restricting =
  (disk: Disk, log: Pick<Log, 'warn'>) =>
  async (path: string, wanted: number): Promise<void> => {
    const mode = await disk.mode(path);
    if (mode === wanted) return;
    await disk.chmod(path, wanted);
    log.warn({ path }, `mode was ${mode.toString(8)}, is now ${wanted.toString(8)}`);
  };
