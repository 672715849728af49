import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../src/errors.js';
import { compile } from '../store/compiled.js';
import { countsOf } from './mutants/counts.js';
import { type Judged, killAll } from './mutants/kill.js';
import { type Options, readOptions, USAGE } from './options.js';
import { commitNow, machine } from './place.js';
import { playSuite, say, secondsSince } from './playing.js';
import { hire } from './pool.js';
import { ENTRIES, entryNamed } from './suites.js';
import { holds, lastLine, type Row, tableOf } from './table.js';

const RESULT = new URL('../../bench/proof.md', import.meta.url);
const HANDS = 2;
/** In place of a suite's name. */
const MUTANTS = 'mutants';

/** Plays one case, tells what happened in it, and says whether it held. */
const playAgain = async (name: string, number: number): Promise<boolean> => {
  const { suite } = entryNamed(name);
  for (const line of await suite.tell(number)) say(line);
  const { why, end } = await suite.play(number);
  for (const sentence of why) say(`  - ${sentence}`);
  say(why.length === 0 ? `survived: ${end}` : `LOST: ${end}`);
  return why.length === 0;
};

const sayJudged = ({ mutant, verdict }: Judged): void => {
  if (verdict.killedBy === undefined)
    say(`\nLIVED: ${mutant.name} (${mutant.file}): ${mutant.why}. Nothing in the proof notices it.`);
};

/** Product programs that are wrong on purpose: the proof has to notice each of them. */
const mutantRow = async (
  compiled: string,
): Promise<{ readonly row: Row; readonly judged: readonly Judged[] }> => {
  const began = performance.now();
  const judged = await killAll(compiled, { hands: HANDS, onJudged: sayJudged });
  const counts = countsOf(judged);
  const seconds = secondsSince(began);
  say(`mutants: ${judged.length} tried, ${counts.lived} lived, ${seconds.toFixed(0)} s`);
  return {
    row: {
      kind: 'mutants',
      what: 'mutants of the product',
      ...counts,
      seconds,
    },
    judged,
  };
};

const killers = (judged: readonly Judged[]): string =>
  judged
    .map(
      ({ mutant, verdict }) =>
        `* ${mutant.name} (\`${mutant.file}\`) — ${verdict.killedBy?.slice(0, 300) ?? '**lived**'}`,
    )
    .join('\n');

const write = (table: string, judged: readonly Judged[]): void => {
  const { id, dirty } = commitNow();
  const where = `${id}${dirty ? ', with changes that were not committed' : ''}, ${new Date().toISOString().slice(0, 10)}; ${machine()}`;
  const mutants = `## What killed each mutant\n\n${killers(judged)}\n`;
  writeFileSync(RESULT, `# The proof\n\n\`npm run proof\` at ${where}.\n\n${table}\n\n${mutants}`);
};

const prove = async (options: Options): Promise<boolean> => {
  const { suite: only, quick, seeds } = options;
  const entries =
    only === undefined
      ? ENTRIES.filter(({ onlyTorture }) => !onlyTorture)
      : only === MUTANTS
        ? []
        : [entryNamed(only)];
  const built = compile('test/proof/worker.ts');
  const crew = hire(built.program, HANDS);
  const rows: Row[] = [];
  let judged: readonly Judged[] = [];
  try {
    for (const entry of entries)
      rows.push({ kind: 'cases', what: entry.suite.what, ...(await playSuite(entry, options, crew)) });
    crew.close();
    if (only === MUTANTS || (only === undefined && !quick)) {
      const mutants = await mutantRow(dirname(dirname(dirname(built.program))));
      rows.push(mutants.row);
      judged = mutants.judged;
    }
  } finally {
    crew.close();
    built.remove();
  }
  const table = tableOf(rows);
  say(`\n${table}\n`);
  if (only === undefined && !quick && seeds === undefined) write(table, judged);
  say(lastLine(rows));
  return holds(rows);
};

const main = async (words: readonly string[]): Promise<number> => {
  try {
    const options = readOptions(words);
    const { suite, case: number } = options;
    const held =
      suite !== undefined && number !== undefined ? await playAgain(suite, number) : await prove(options);
    return held ? 0 : 1;
  } catch (error) {
    say(messageOf(error));
    say(`${USAGE}${[...ENTRIES.map(({ suite }) => suite.name), MUTANTS].join(', ')}`);
    return 2;
  }
};

process.exitCode = await main(process.argv.slice(2));
