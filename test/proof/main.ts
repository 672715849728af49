import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { messageOf } from '../../src/errors.js';
import { compile } from '../store/compiled.js';
import { type Options, readOptions, USAGE } from './options.js';
import { type Crew, hire } from './pool.js';
import { ENTRIES, type Entry, entryNamed } from './suites.js';
import { holds, lastLine, type Row, tableOf } from './table.js';
import type { Tally } from './tally.js';

const RESULT = new URL('../../bench/proof.md', import.meta.url);
const HANDS = 2;

const say = (line: string): void => console.log(line);

const secondsSince = (began: number): number => (performance.now() - began) / 1_000;

/** The numbers of a suite that are played now. */
const rangeOf = async (entry: Entry, options: Options, crew: Crew) => {
  const { suite, seeds = 0, every = 1, quickEvery } = entry;
  const count = await crew.count(suite.name);
  if (Number.isFinite(count)) return { from: 0, to: count, every: options.quick ? quickEvery : every };
  const wanted = options.seeds ?? (options.quick ? Math.ceil(seeds / quickEvery) : seeds);
  return { from: options.from, to: options.from + wanted, every: 1 };
};

const sayLost = (suite: string, { lost, examples }: Tally): void => {
  for (const { number, why } of examples) {
    say(`\nLOST: case ${number} of ${suite}`);
    for (const sentence of why) say(`  - ${sentence}`);
    say(`  again: npm run proof -- --suite ${suite} --case ${number}`);
  }
  if (lost > examples.length) say(`\n… and ${lost - examples.length} more of ${suite}.`);
};

const rowOf = async (entry: Entry, options: Options, crew: Crew): Promise<Row> => {
  const { suite } = entry;
  const began = performance.now();
  const tally = await crew.play({ entry, ...(await rangeOf(entry, options, crew)) });
  const row: Row = { kind: 'cases', what: suite.what, tally, seconds: secondsSince(began) };
  say(`${suite.name}: ${tally.tried} tried, ${tally.lost} lost, ${row.seconds.toFixed(0)} s`);
  sayLost(suite.name, tally);
  return row;
};

const commitNow = (): string => {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
  const dirty = git('status', '--porcelain', '--', 'src', 'commands', 'test') !== '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${dirty ? ', with changes that are not committed' : ''}`;
};

/** Plays one case, tells what happened in it, and says whether it held. */
const playAgain = async (name: string, number: number): Promise<boolean> => {
  const { suite } = entryNamed(name);
  for (const line of await suite.tell(number)) say(line);
  const { why, end } = await suite.play(number);
  for (const sentence of why) say(`  - ${sentence}`);
  say(why.length === 0 ? `survived: ${end}` : `LOST: ${end}`);
  return why.length === 0;
};

const prove = async (options: Options): Promise<boolean> => {
  const entries = options.suite === undefined ? ENTRIES : [entryNamed(options.suite)];
  const built = compile('test/proof/worker.ts');
  const crew = hire(built.program, HANDS);
  const rows: Row[] = [];
  try {
    for (const entry of entries) rows.push(await rowOf(entry, options, crew));
  } finally {
    crew.close();
    built.remove();
  }
  const table = tableOf(rows);
  say(`\n${table}\n`);
  const whole = options.suite === undefined && !options.quick && options.seeds === undefined;
  if (whole) writeFileSync(RESULT, `# The proof\n\n\`npm run proof\` at ${commitNow()}:\n\n${table}\n`);
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
    say(`${USAGE}${ENTRIES.map(({ suite }) => suite.name).join(', ')}`);
    return 2;
  }
};

process.exitCode = await main(process.argv.slice(2));
