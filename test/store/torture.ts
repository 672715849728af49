import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commitOf, keepFigures } from '../setup/figures.js';
import { compile } from './compiled.js';
import { killLoop, type Losses } from './kill-loop.js';
import { loopDisk, powerCuts } from './power-cuts.js';

/*
 * `npm run torture:store`: SIGKILLs and power cuts of a process that writes several journals. Ends with 1 when anything
 * was lost, else the figures go to bench/torture-store.json. --kills N and --cuts N try other numbers and write nothing.
 */
const KILLS = 1_000;
const CUTS = 50;
const JOURNALS = 3;
const SEED = 1;

const { values } = parseArgs({ options: { kills: { type: 'string' }, cuts: { type: 'string' } } });
const whole = values.kills === undefined && values.cuts === undefined;

type Row = {
  readonly what: string;
  /** Lives of the process. */
  readonly tried: number;
  /** SIGKILLs that ended it, or power cuts that took a file which nobody had synced. */
  readonly struck: number;
  /** Events that the process had acknowledged. */
  readonly acknowledged: number;
  /** Journals that lacked an acknowledged event, or in which a start failed. */
  readonly lost: number;
  readonly seconds: number;
};

const rows: Row[] = [];
const lost: string[] = [];

/** Counts what one kind of trial took. Many that were not struck say that nothing was tried. */
const count = async <L extends Losses>(
  what: string,
  { trial, struck }: { readonly trial: () => Promise<L>; readonly struck: (losses: L) => number },
): Promise<void> => {
  const began = performance.now();
  const losses = await trial();
  const gone = [...losses.lost, ...losses.failedStarts];
  const row = {
    what,
    tried: losses.begun,
    struck: struck(losses),
    acknowledged: losses.acknowledged,
    lost: gone.length,
    seconds: Math.round((performance.now() - began) / 1_000),
  };
  console.log(JSON.stringify(row));
  rows.push(row);
  lost.push(...gone.map((line) => `${what}: ${line}`));
  if (row.struck < row.tried * 0.9 || row.acknowledged === 0)
    lost.push(`${what}: ${row.struck} of ${row.tried} were struck, ${row.acknowledged} acknowledged`);
};

const commit = commitOf();
const began = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'stackswap-torture-'));
const { program, remove } = compile('test/store/many-appender.ts');
const disk = loopDisk(folder);
try {
  if (!disk) throw new Error('There is no right to mount a loop device here, or no mkfs.ext4.');
  await count(`power cuts of a loop device while a process writes ${JOURNALS} journals`, {
    trial: () => powerCuts({ program, disk, cuts: Number(values.cuts ?? CUTS), journals: JOURNALS }),
    struck: ({ careless }) => careless,
  });
  await count(`SIGKILLs of a process that writes ${JOURNALS} journals`, {
    trial: () =>
      killLoop({ program, folder, seed: SEED, kills: Number(values.kills ?? KILLS), journals: JOURNALS }),
    struck: ({ killed }) => killed,
  });
} finally {
  disk?.remove();
  remove();
  rmSync(folder, { recursive: true });
}
for (const line of lost) console.log(`LOST ${line}`);
if (whole && keepFigures('torture-store.json', { commit, began, report: { rows, lost } }))
  console.log('written: bench/torture-store.json');
process.exit(lost.length > 0 ? 1 : 0);
