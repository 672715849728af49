import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../src/errors.js';
import { compile } from '../store/compiled.js';
import { type Options, readOptions } from './options.js';
import { commitNow, contentHash, machine } from './place.js';
import { say, sayLost, secondsSince } from './playing.js';
import { type Crew, hire } from './pool.js';
import { BEGIN, type Done, readProgress, resultOf, writeWhole } from './progress.js';
import { ENTRIES, type Entry } from './suites.js';
import { together } from './tally.js';

const RESULT = new URL('../../bench/torture.json', import.meta.url);
/** What was done so far; kept apart, so that nobody takes it for a result. */
const PROGRESS = new URL('../../node_modules/.cache/stackswap-torture.json', import.meta.url);
const HANDS = 2;
/** Cases between two times at which what was done is written down. */
const STRETCH = 10_000;

const countOf = async (
  { suite, torture: most = 0 }: Entry,
  crew: Crew,
  wanted: number | undefined,
): Promise<number> => {
  const count = await crew.count(suite.name);
  if (Number.isFinite(count)) return count;
  return wanted ?? most;
};

/** All of one suite, from where it was left. */
const torture = async (
  entry: Entry,
  {
    crew,
    begin,
    to,
    keep,
    late,
  }: {
    readonly crew: Crew;
    readonly begin: Done;
    readonly to: number;
    readonly keep: (done: Done) => void;
    readonly late: () => boolean;
  },
): Promise<Done> => {
  let done: Done = { ...begin, of: to };
  keep(done);
  while (done.next < to && !late()) {
    const began = performance.now();
    const end = Math.min(to, done.next + STRETCH);
    const tally = await crew.play({ entry, from: done.next, to: end, every: 1 });
    done = {
      next: end,
      of: to,
      tally: together(done.tally, tally),
      seconds: done.seconds + secondsSince(began),
    };
    keep(done);
    sayLost(entry.suite.name, tally);
    say(`${entry.suite.name}: ${done.next} of ${to}, ${done.tally.lost} lost, ${done.seconds.toFixed(0)} s`);
  }
  return done;
};

const tortureAll = async ({ seeds, suite: only, progress: kept, minutes }: Options): Promise<boolean> => {
  const { id, dirty } = commitNow();
  if (dirty)
    throw new Error(
      'Something in src, commands or test is not committed: a result would name a commit that it is not of.',
    );
  const file = kept === undefined ? PROGRESS : pathToFileURL(resolve(kept));
  const built = compile('test/proof/worker.ts');
  const program = contentHash(built.folder);
  let progress = readProgress(file, program, say);
  const until = performance.now() + (minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const late = (): boolean => performance.now() >= until;
  const crew = hire(built.program, HANDS);
  const entries = ENTRIES.filter(({ suite }) => only === undefined || suite.name === only);
  try {
    for (const entry of entries) {
      // To count the cases of one may take a minute.
      if (late()) break;
      const { name } = entry.suite;
      const keep = (done: Done): void => {
        progress = { ...progress, suites: { ...progress.suites, [name]: done } };
        writeWhole(file, progress);
      };
      await torture(entry, {
        crew,
        begin: progress.suites[name] ?? BEGIN,
        to: await countOf(entry, crew, seeds),
        keep,
        late,
      });
    }
  } finally {
    crew.close();
    built.remove();
  }
  const suites = entries.map(({ suite }) => suite);
  const result = resultOf(progress, suites, {
    commit: id,
    date: new Date().toISOString(),
    machine: machine(),
  });
  // A part of it is told, and is no result.
  if (seeds === undefined && only === undefined) writeWhole(RESULT, result);
  const lost = result.suites.reduce((sum, one) => sum + one.lost, 0);
  const tried = result.suites.reduce((sum, one) => sum + one.tried, 0);
  say(`torture: ${tried} cases, ${tried - lost} survived, ${lost} lost`);
  if (late()) say('The time was up: it goes on from there when it is called again with the same program.');
  return lost === 0;
};

const main = async (words: readonly string[]): Promise<number> => {
  try {
    return (await tortureAll(readOptions(words))) ? 0 : 1;
  } catch (error) {
    say(messageOf(error));
    return 2;
  }
};

process.exitCode = await main(process.argv.slice(2));
