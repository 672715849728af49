import { parseArgs } from 'node:util';
import { commitOf, keepFigures } from '../../setup/figures.js';
import { ENGINES, noOtherDebian, unpackEngine } from '../missing.js';
import { ALL_HALTS, haltCourse, inTurn, type Pick, rowOf, type Tally } from './course.js';

/*
 * Restarts and pauses an engine of its own at every change of an upgrade and of a rollback: with and without
 * live-restore, on this machine's Docker and on those of other Debian releases. Ends with 1 when anything was lost or
 * not struck, else the figures go to bench/torture-halts.json.
 * --suite machine|trixie|forky, more than once; --halt ended|killed|paused|silent, more than once: those only, and
 * nothing is written; --sample takes one halt for each change instead of all.
 */
const { values } = parseArgs({
  options: {
    suite: { type: 'string', multiple: true },
    halt: { type: 'string', multiple: true },
    sample: { type: 'boolean', default: false },
  },
});
const missing = noOtherDebian();
if (missing) throw new Error(missing);

const only: Pick = () => ALL_HALTS.filter((name) => values.halt?.includes(name) ?? true);

const whole = values.suite === undefined && values.halt === undefined;
const commit = commitOf();
const began = Date.now();
const tallies: Tally[] = [];
const seconds: number[] = [];
for (const suite of values.suite ?? ['machine', 'trixie'])
  for (const liveRestore of [false, true]) {
    const start = performance.now();
    tallies.push(
      await haltCourse({
        ...(suite === 'machine' ? {} : { programs: unpackEngine(suite, ENGINES) }),
        liveRestore,
        pick: values.sample ? inTurn : only,
        say: console.log,
      }),
    );
    seconds.push(Math.round((performance.now() - start) / 1_000));
  }
for (const tally of tallies) console.log(rowOf(tally));

const lost = tallies.flatMap(({ engine, lost: lines, tried, struck }) => [
  ...lines.map((line) => `${engine}: ${line}`),
  // A run has a request more or less than the one that was counted.
  ...(struck < tried * 0.9 ? [`${engine}: ${struck} of ${tried} were struck`] : []),
]);
const rows = tallies.map(({ engine, changes, tried, struck, rested, lost: { length } }, at) => ({
  engine,
  what: `${values.sample ? 'one kind of halt in turn' : `${ALL_HALTS.length} kinds of halt`} at ${changes.join(' + ')} changes`,
  tried,
  struck,
  survived: tried - length,
  lost: length,
  rested,
  seconds: seconds[at],
}));
for (const line of lost) console.log(`LOST ${line}`);
if (whole && keepFigures('torture-halts.json', { commit, began, report: { rows, lost } }))
  console.log('written: bench/torture-halts.json');
process.exit(lost.length > 0 ? 1 : 0);
