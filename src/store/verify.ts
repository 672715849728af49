import { Damage, fileName, journalFiles } from './chain.js';
import { DISK, type Disk } from './disk.js';
import type { Head } from './record.js';
import { chainWithAnchor } from './recover.js';

export type Verdict =
  | {
      readonly ok: true;
      readonly events: number;
      readonly head: string;
      /** Bytes of a write in progress or cut off. */
      readonly tornBytes: number;
      /** The heads that were asked for, in their order. */
      readonly posted: readonly Head[];
    }
  | {
      readonly ok: false;
      readonly file: string;
      readonly line: number;
      readonly seq: number;
      readonly why: string;
    };

export type VerifyOptions = {
  readonly disk?: Disk;
  /** Hashes, or beginnings of them, that were noted elsewhere; each has to be in the chain. */
  readonly posted?: readonly string[];
};

/**
 * Reads the whole journal of a folder and changes nothing; works beside a running bot. Whoever may write the folder can
 * build a chain anew that verifies: only a head that was posted elsewhere shows that.
 */
export const verify = async (
  folder: string,
  { disk = DISK, posted = [] }: VerifyOptions = {},
): Promise<Verdict> => {
  try {
    if ((await journalFiles(disk, folder)).length === 0)
      throw new Damage(fileName(1), 1, 1, 'the file is missing');
    const found = new Map<string, Head>();
    const { chain } = await chainWithAnchor({ disk, folder }, (head) => {
      for (const begin of posted) if (head.hash.startsWith(begin)) found.set(begin, head);
    });
    const heads = posted.map((begin) => {
      const head = found.get(begin);
      if (head) return head;
      const file = chain.files.at(-1) ?? fileName(1);
      throw new Damage(file, chain.lines + 1, chain.head.seq + 1, notThere(begin));
    });
    const { seq, hash } = chain.head;
    return { ok: true, events: seq, head: hash, tornBytes: chain.torn?.bytes ?? 0, posted: heads };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { ok: false, file: error.file, line: error.line, seq: error.seq, why: error.why };
  }
};

const notThere = (hash: string): string =>
  `the chain verifies up to here, but no record of it has the hash ${hash} that was posted: its end was cut off, or it was built anew`;
