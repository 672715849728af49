import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { clean } from '../redact.js';

/**
 * Keeps whole logs of one-off containers below the state folder, mode 0600, without secrets and without what a terminal
 * would obey. A log that cannot be kept is said and
 * decides nothing: its end is in the journal all the same.
 */
export const keptLogs =
  (folder: string | undefined, { redact, log }: { redact: (text: string) => string; log: Log }) =>
  async (name: string, text: string): Promise<string | null> => {
    if (folder === undefined) return null;
    const file = join('logs', `${name}.log`);
    try {
      await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 });
      await writeFile(join(folder, file), redact(clean(text)), { mode: 0o600 });
      return file;
    } catch (error) {
      log.warn({ file, err: messageOf(error) }, 'a log could not be kept');
      return null;
    }
  };
