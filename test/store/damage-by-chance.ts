import { join } from 'node:path';
import type { SimDisk } from '../../src/sim/disk.js';
import type { Random } from '../../src/sim/random.js';
import type { Head } from '../../src/store/record.js';
import { verify } from '../../src/store/verify.js';
import { FOLDER, type Tally } from './tally.js';

export type Damaging = {
  readonly disk: SimDisk;
  readonly random: Random;
  readonly tally: Tally;
  readonly tell: (line: string) => void;
  readonly why: string[];
  /** As it was posted elsewhere. */
  readonly head: Head;
};

const FLIPS = 12;

type Edit = 'flips' | 'truncations' | 'edits';

const changeFor = (kind: Edit, random: Random, bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  if (kind === 'truncations') return copy.subarray(0, random.int(copy.length));
  if (kind === 'flips') {
    // The end is where damage looks like a write that was cut off.
    const at = random.chance(0.2) ? Math.max(0, copy.length - 1 - random.int(90)) : random.int(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.int(8));
    return copy;
  }
  const lines = copy.toString('utf8').trimEnd().split('\n');
  const [from, to] = [random.int(lines.length), random.int(lines.length)];
  const [line = ''] = lines.splice(from, 1);
  if (random.chance(0.5) && from !== to) lines.splice(to, 0, line);
  return Buffer.from(lines.map((one) => `${one}\n`).join(''));
};

/** Alters one journal file at a time and puts it back; every change has to show once the head is known from elsewhere. */
export const damageJournal = async ({ disk, random, tally, tell, why, head }: Damaging): Promise<string> => {
  const place = disk.start().disk;
  const files = (await place.readdir(FOLDER)).filter((name) => name.startsWith('journal-'));
  let shown = 0;
  for (let round = 0; round < FLIPS; round += 1) {
    const name = files[random.int(files.length)] ?? '';
    const path = join(FOLDER, name);
    const good = await place.readFile(path);
    const kind = random.weighted<Edit>({ flips: 8, truncations: 2, edits: 2 });
    if (good.length === 0) continue;
    const bad = changeFor(kind, random, good);
    if (bad.equals(good)) continue;
    tally[kind] += 1;
    disk.edit(path, () => bad);
    const verdict = await verify(FOLDER, { disk: place, posted: [head.hash] });
    if (verdict.ok) why.push(`${kind} of ${name} passed in silence (round ${round})`);
    else shown += 1;
    if (!verdict.ok) tell(`${kind}: ${verdict.file}, line ${verdict.line}: ${verdict.why}`);
    disk.edit(path, () => good);
  }
  return shown > 0 ? 'read back, damage named' : 'read back';
};
