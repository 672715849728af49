import { messageOf } from '../../src/errors.js';
import type { Log } from '../../src/log.js';
import { type SimDisk, simDisk } from '../../src/sim/disk.js';
import type { DiskCall, DiskFate } from '../../src/sim/disk-calls.js';
import { type Random, randomFrom } from '../../src/sim/random.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { Outcome, Suite } from '../proof/suite.js';
import { damageJournal } from './damage-by-chance.js';
import { note, requested } from './events.js';
import { emptyTally, FOLDER, type Tally } from './tally.js';

/** What became of an event: `doubtful` may be there or not, until a later start has read it or has not. */
type Sent = { end: 'acknowledged' | 'rejected' | 'doubtful' | 'gone' };

type Case = {
  readonly random: Random;
  readonly disk: SimDisk;
  readonly sent: Sent[];
  readonly why: string[];
  readonly tally: Tally;
  readonly tell: (line: string) => void;
  /** Decides over each call of the disk. */
  fate: (call: DiskCall) => DiskFate;
};

const quiet: Pick<Log, 'warn' | 'error'> = { warn: () => undefined, error: () => undefined };

const DEAD = 'dead';

/** How a life ends and what troubles it, drawn at its beginning. */
const drawLife = (one: Case) => {
  const { random } = one;
  const death = random.weighted({ close: 2, 'dies-before': 2, 'dies-amid': 4, 'dies-after': 2 });
  const at = one.disk.calls() + random.between(1, random.chance(0.3) ? 15 : 160);
  const trouble = random.weighted({ none: 6, full: 2, sync: 2 });
  let bad = trouble === 'sync' ? random.between(1, 30) : 0;
  one.fate = ({ number, what, path }) => {
    if (death !== 'close' && number === at) return death;
    if (what !== 'sync') return undefined;
    bad -= 1;
    if (bad !== 0) return undefined;
    one.tally.badSyncs += 1;
    one.tell(`EIO at the sync of ${path}`);
    return { code: 'EIO' };
  };
  one.tell(`a life that ends by ${death}${death === 'close' ? '' : ` at call ${at}`}, trouble: ${trouble}`);
  return { death, trouble };
};

const options = ({ random, disk }: Case) => ({
  process: disk.start(),
  settings: {
    folder: FOLDER,
    log: quiet,
    clock: () => Date.UTC(2026, 10, 22),
    fileLimit: random.between(500, 12_000),
    snapshotEvery: random.between(1, 40),
    reserveBytes: random.chance(0.5) ? 0 : 6_400,
  },
});

/** Whether what a start read is what was promised. From then on it is settled what is there. */
const readBack = ({ sent, why }: Case, store: Store): void => {
  const there = (store.state().runs.r1?.notes ?? []).map(({ text }) => Number(text));
  const ascending = there.every((index, at) => at === 0 || index > (there[at - 1] ?? 0));
  if (!ascending) why.push(`the events are out of order or doubled: ${there.join(' ')}`);
  const found = new Set(there);
  for (const [index, event] of sent.entries()) {
    const here = found.has(index);
    if (!here && event.end === 'acknowledged') why.push(`the acknowledged event ${index} is lost`);
    if (here && event.end === 'rejected') why.push(`the rejected event ${index} is there`);
    if (here && event.end === 'gone') why.push(`event ${index} was gone and is back`);
    event.end = here ? 'acknowledged' : 'gone';
  }
};

const appendOne = async (one: Case, store: Store, full: boolean): Promise<void> => {
  const event: Sent = { end: 'doubtful' };
  const index = one.sent.push(event) - 1;
  try {
    await store.append('r1', note(String(index)));
    event.end = 'acknowledged';
    one.tally.events += 1;
  } catch {
    if (full) event.end = 'rejected';
  }
};

/** Appends in groups, as runs and Slack do, until the process dies or has said enough. */
const talk = async (one: Case, store: Store, full: boolean): Promise<void> => {
  const { random, disk } = one;
  if (!store.state().runs.r1) await store.append('r1', requested).catch(() => undefined);
  if (!store.state().runs.r1) return;
  const groups = random.between(1, 25);
  for (let group = 0; group < groups; group += 1) {
    if (full && group === 3) disk.setRoom(disk.used() + random.int(2_000));
    if (full && group === 9) disk.setRoom(Number.POSITIVE_INFINITY);
    await Promise.all(Array.from({ length: random.between(1, 4) }, () => appendOne(one, store, full)));
  }
};

/** A holder that slept while somebody took its folder away may not write another event. */
const takenOver = async (one: Case, store: Store): Promise<void> => {
  one.disk.breakLock();
  one.fate = () => undefined;
  one.tally.takeovers += 1;
  const heir = options(one);
  const next = await openStore({ ...heir.settings, ...heir.process });
  readBack(one, next);
  const before = next.head().seq;
  const late = await store.append('r1', note('-1')).then(
    () => true,
    () => false,
  );
  if (late) one.why.push('a process that had been replaced wrote an event');
  if (next.head().seq !== before) one.why.push('the journal moved under its holder');
  await next.close();
};

const lead = async (one: Case, trouble: string, { settings, process }: ReturnType<typeof options>) => {
  let store: Store;
  try {
    store = await openStore({ ...settings, ...process });
  } catch (error) {
    if (trouble !== 'sync') one.why.push(`a start failed: ${messageOf(error)}`);
    return;
  }
  readBack(one, store);
  if (trouble === 'full') one.tally.full += 1;
  await talk(one, store, trouble === 'full');
  if (trouble === 'none' && one.random.chance(0.2)) return takenOver(one, store);
  await store.close().catch(() => undefined);
};

const live = async (one: Case): Promise<void> => {
  one.tally.lives += 1;
  const { trouble } = drawLife(one);
  const begun = options(one);
  const end = await Promise.race([lead(one, trouble, begun), begun.process.died.then(() => DEAD)]);
  one.fate = () => undefined;
  one.disk.setRoom(Number.POSITIVE_INFINITY);
  if (end === DEAD) one.tally.kills += 1;
  one.disk.kill();
  if (one.random.chance(0.5)) {
    one.tally.cuts += 1;
    one.tell('the power goes');
    one.disk.cutPower();
  }
};

/** Several lives of one journal by seed, then damage to what they left; says what was lost or passed over in silence. */
export const playStore = async (
  number: number,
  { tally = emptyTally(), tell = () => undefined }: { tally?: Tally; tell?: (line: string) => void } = {},
): Promise<Outcome> => {
  const random = randomFrom(number, 'store');
  const chance = random.fork('disk');
  const disk = simDisk({
    random: () => chance.int(0x1_0000_0000) / 0x1_0000_0000,
    fate: (call) => one.fate(call),
  });
  const one: Case = { random, disk, sent: [], why: [], tally, tell, fate: () => undefined };
  for (let left = random.between(2, 6); left > 0; left -= 1) await live(one);

  const { settings, process } = options(one);
  try {
    const store = await openStore({ ...settings, ...process });
    readBack(one, store);
    await store.close();
    tell(`${disk.calls()} calls of the disk, head ${store.head().hash}`);
    const end = await damageJournal({ disk, random, tally, tell, why: one.why, head: store.head() });
    return { why: one.why, end };
  } catch (error) {
    return { why: [...one.why, `the last start failed: ${messageOf(error)}`], end: 'lost' };
  }
};

export const storeSuite: Suite = {
  name: 'store',
  what: 'journals by seed: kills at any call of the disk, power cuts, a full disk, failing syncs, a second holder, damage',
  count: async () => Number.POSITIVE_INFINITY,
  play: (number) => playStore(number),
  tell: async (number) => {
    const lines: string[] = [];
    await playStore(number, { tell: (line) => lines.push(line) });
    return lines;
  },
};
