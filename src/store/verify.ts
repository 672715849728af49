import { Damage, fileName, journalFiles } from './chain.js';
import { DISK } from './disk.js';
import { chainWithAnchor } from './recover.js';

export type Verdict =
  | {
      readonly ok: true;
      readonly events: number;
      readonly head: string /** Bytes of a write in progress or cut off. */;
      readonly tornBytes: number;
    }
  | {
      readonly ok: false;
      readonly file: string;
      readonly line: number;
      readonly seq: number;
      readonly why: string;
    };

/**
 * Reads the whole journal of a folder and changes nothing; works beside a running bot. A chain can be rebuilt by whoever
 * may write the folder, so compare `head` with one that was noted elsewhere.
 */
export const verify = async (folder: string, disk = DISK): Promise<Verdict> => {
  try {
    if ((await journalFiles(disk, folder)).length === 0)
      throw new Damage(fileName(1), 1, 1, 'the file is missing');
    const { chain } = await chainWithAnchor({ disk, folder });
    return { ok: true, events: chain.head.seq, head: chain.head.hash, tornBytes: chain.torn?.bytes ?? 0 };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { ok: false, file: error.file, line: error.line, seq: error.seq, why: error.why };
  }
};
