import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { messageOf } from '../../../src/errors.js';
import type { Shape } from './shapes.js';
import { ALL_SHAPES, torture } from './torture.js';

/** `npm run torture:engine [-- shape …]`; with all shapes the figures go to bench/torture-engine.json. */
const RESULTS = new URL('../../../bench/torture-engine.json', import.meta.url);
const LANES = 4;

const say = (line: string): void => console.log(line);

const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();

/** The commit that was tried; `+` where the checkout had other changes. */
const commitOf = (): string => {
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', 'src') ? '+' : ''}`;
  } catch (error) {
    return `unknown (${messageOf(error)})`;
  }
};

const words = process.argv.slice(2);
const shapes = ALL_SHAPES.filter((shape) => words.length === 0 || words.includes(shape));
const unknown = words.filter((word) => !ALL_SHAPES.includes(word as Shape));
if (unknown.length > 0) {
  say(`The shapes are ${ALL_SHAPES.join(', ')}, not ${unknown.join(', ')}.`);
  process.exit(2);
}

const stop = new AbortController();
// Every life and every wait of all lanes listens to it.
setMaxListeners(0, stop.signal);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    say('Ending; what was made is cleared away first.');
    stop.abort();
  });
const commit = commitOf();
const began = Date.now();
const report = await torture({ shapes, lanes: LANES, say, stop: stop.signal });
const sum = (key: 'tried' | 'struck' | 'survived' | 'lost'): number =>
  report.rows.reduce((all, row) => all + row[key], 0);
say(
  `real engine ${report.engine}: ${sum('tried')} disturbed upgrades and rollbacks of ${new Set(report.rows.map(({ shape }) => shape)).size} shapes${stop.signal.aborted ? ' (interrupted)' : ''}, ${sum('struck')} of them struck, ${sum('survived')} survived, ${sum('lost')} lost; longest end after SIGTERM ${report.longestEndMs} ms`,
);
for (const line of report.lost) say(`LOST ${line}`);
if (shapes.length === ALL_SHAPES.length && !stop.signal.aborted) {
  const minutes = Math.round((Date.now() - began) / 60_000);
  writeFileSync(
    RESULTS,
    `${JSON.stringify({ commit, at: new Date(began).toISOString(), minutes, ...report }, null, 2)}\n`,
  );
}
// A run has a request more or less than the one that was counted; many that were not struck say that nothing was tried.
const blunt = report.rows.filter(({ tried, struck }) => struck < tried * 0.9);
for (const { shape, what, tried, struck } of blunt)
  say(`NOT TRIED ${shape}, ${what}: ${struck} of ${tried} were struck`);
process.exit(report.lost.length + blunt.length > 0 ? 1 : stop.signal.aborted ? 130 : 0);
