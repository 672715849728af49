import { join } from 'node:path';
import type { RunEvent } from '../run/event.js';
import { journalFiles, type Place } from './chain.js';
import { readRecord } from './record.js';

/** A run's events up to record `last`, oldest first, read from the journal, which was verified when it was opened. */
export const eventsIn = async (
  { disk, folder }: Place,
  run: string,
  last: number,
): Promise<readonly { at: string; event: RunEvent }[]> => {
  const found: { at: string; event: RunEvent }[] = [];
  const mark = `"run":${JSON.stringify(run)}`;
  let seq = 0;
  for (const file of await journalFiles(disk, folder)) {
    for await (const line of disk.lines(join(folder, file))) {
      seq += 1;
      if (seq > last) return found;
      if (!line.includes(mark)) continue;
      const record = readRecord(JSON.parse(line));
      if (!('why' in record) && record.entry.run === run)
        found.push({ at: record.entry.at, event: record.entry.event as RunEvent });
    }
  }
  return found;
};
