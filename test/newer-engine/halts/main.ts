import { parseArgs } from 'node:util';
import { ENGINES, noOtherDebian, unpackEngine } from '../missing.js';
import { ALL_HALTS, haltCourse, inTurn, type Pick, rowOf, type Tally } from './course.js';

/*
 * Restarts and pauses an engine of its own at every change of an upgrade and of a rollback: with and without
 * live-restore, on this machine's Docker and on those of other Debian releases. Ends with 1 when anything was lost.
 * --suite machine|trixie|forky, more than once; --halt ended|killed|paused|silent, more than once;
 * --sample takes one halt for each change instead of all.
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

const tallies: Tally[] = [];
for (const suite of values.suite ?? ['machine', 'trixie'])
  for (const liveRestore of [false, true])
    tallies.push(
      await haltCourse({
        ...(suite === 'machine' ? {} : { programs: unpackEngine(suite, ENGINES) }),
        liveRestore,
        pick: values.sample ? inTurn : only,
        say: console.log,
      }),
    );
for (const tally of tallies) console.log(rowOf(tally));
process.exit(tallies.some(({ lost }) => lost.length > 0) ? 1 : 0);
