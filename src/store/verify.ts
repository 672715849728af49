import { Damage, fileName, journalFiles } from './chain.js';
import { DISK, type Disk } from './disk.js';
import { GENESIS, type Head } from './record.js';
import { chainWithAnchor } from './recover.js';

export type Verdict =
  | {
      readonly ok: true;
      readonly events: number;
      readonly head: string;
      /** Bytes of a write in progress or cut off. */
      readonly tornBytes: number;
      /** The heads that were asked for, by number. */
      readonly posted: readonly Head[];
    }
  | {
      readonly ok: false;
      readonly file: string;
      readonly line: number;
      readonly seq: number;
      readonly why: string;
      /** The posted head that is not in the chain, where that is all. */
      readonly missing?: string;
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
    const hashes = [GENESIS];
    const { chain } = await chainWithAnchor({ disk, folder }, (head, { event }) => {
      hashes[head.seq] = head.hash;
      if (event.kind === 'anchored' && hashes[event.seq] !== event.hash)
        throw new Error(
          `it says that record ${event.seq} had the hash ${event.hash}, and that one has another`,
        );
      for (const begin of posted) if (head.hash.startsWith(begin)) found.set(begin, head);
    });
    const missing = posted.find((begin) => !found.has(begin));
    if (missing !== undefined) {
      const file = chain.files.at(-1) ?? fileName(1);
      const why = `no record up to here has the posted hash ${missing}`;
      return { ok: false, file, line: chain.lines + 1, seq: chain.head.seq + 1, why, missing };
    }
    const { seq, hash } = chain.head;
    return {
      ok: true,
      events: seq,
      head: hash,
      tornBytes: chain.torn?.bytes ?? 0,
      posted: [...found.values()],
    };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { ok: false, file: error.file, line: error.line, seq: error.seq, why: error.why };
  }
};
