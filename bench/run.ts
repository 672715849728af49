import { writeFile } from 'node:fs/promises';
import { type LocalEngine, localEngine } from '../src/demo/cloud/local-engine.js';
import { removeDemo } from '../src/demo/cloud/removal.js';
import { type Ending, ending, Interrupted } from '../src/demo/ending.js';
import { messageOf } from '../src/errors.js';
import { newBenchIdentity, removeKilled } from './cloud/identity.js';
import { buildImages } from './cloud/images.js';
import { howToRead } from './how-to-read.js';
import { load, machineSection } from './machine.js';
import { balancerSection } from './parts/balancers.js';
import { failureSection } from './parts/failures.js';
import { journalSection } from './parts/journal.js';
import { planSection } from './parts/plans.js';
import { redactionSection } from './parts/redaction.js';
import { measureSeries, rollbackSection, type Series, upgradeSection } from './parts/upgrades.js';
import { peersSection } from './peers.js';
import { markdownOf, type Section } from './report.js';
import type { Ground } from './swap/stage.js';

const RESULTS = new URL('./results.md', import.meta.url);
const ROUNDS = 8;
const START_UPS_MS = [0, 1_000];

const say = (line: string): void => console.log(line);
const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(0)} s`;

const upgrades = async (ground: Ground, { goOn }: Ending): Promise<readonly Section[]> => {
  const series: Series[] = [];
  for (const startMs of START_UPS_MS)
    series.push(await measureSeries(ground, { startMs, rounds: ROUNDS, goOn }));
  return [upgradeSection(series), rollbackSection(series)];
};

type Part = {
  readonly name: string;
  readonly needsEngine: boolean;
  readonly measure: (end: Ending, ground: () => Promise<Ground>) => Promise<readonly Section[]>;
};

const PARTS: readonly Part[] = [
  { name: 'upgrades', needsEngine: true, measure: async (end, ground) => upgrades(await ground(), end) },
  {
    name: 'failures',
    needsEngine: true,
    measure: async (end, ground) => [await failureSection(await ground(), end.goOn)],
  },
  { name: 'journal', needsEngine: false, measure: async (end) => [await journalSection(end.goOn)] },
  { name: 'plans', needsEngine: false, measure: async (end) => [await planSection(end.goOn)] },
  { name: 'redactor', needsEngine: false, measure: async () => [redactionSection()] },
  {
    name: 'balancers',
    needsEngine: true,
    measure: async (end, ground) => [await balancerSection(await ground(), end.goOn)],
  },
];

/** Images, containers and the folder are made at first need; `end` undoes them, also after a Ctrl-C. */
const groundOn = (engine: LocalEngine, end: Ending): (() => Promise<Ground>) => {
  const make = async (): Promise<Ground> => {
    await removeKilled(engine.docker);
    const identity = await newBenchIdentity();
    end.add('containers and images', () => removeDemo(engine.docker, identity));
    say('Building the images from this machine’s node, without a download …');
    await buildImages(engine.docker, identity);
    return { engine, identity };
  };
  let made: Promise<Ground> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const measure = async (end: Ending, wanted: readonly Part[]): Promise<void> => {
  const engine = await localEngine();
  const missing = 'missing' in engine ? engine.missing : undefined;
  const ground =
    'missing' in engine ? () => Promise.reject(new Error(engine.missing)) : groundOn(engine, end);
  const loads: { part: string; load: string }[] = [];
  const measured: Section[] = [];
  for (const part of wanted.filter(({ needsEngine }) => !(needsEngine && missing))) {
    end.goOn();
    loads.push({ part: part.name, load: load() });
    say(`Measuring: ${part.name} (load ${load()}) …`);
    const began = performance.now();
    measured.push(...(await part.measure(end, ground)));
    say(`  ${seconds(began)}`);
  }
  const machine = await machineSection('missing' in engine ? undefined : engine.docker, loads);
  const report = ['# Measurements\n', ...[howToRead(), machine, ...measured, peersSection()].map(markdownOf)];
  say(`\n${report.join('\n')}`);
  if (missing) say(`NOT MEASURED: upgrades, roll backs and bad images, since ${missing}`);
  if (missing || wanted.length < PARTS.length) say('Not all was measured: bench/results.md stays as it is.');
  else await writeFile(RESULTS, `${report.join('\n').trimEnd()}\n`);
};

/** Exit code: 0 when it went as it should, 1 when not, 130 when it was interrupted. */
const bench = async (wanted: readonly Part[]): Promise<number> => {
  const end = ending(say);
  const began = performance.now();
  let code = 0;
  try {
    await measure(end, wanted);
  } catch (error) {
    code = error instanceof Interrupted ? 130 : 1;
    if (code === 1) say(`\nbench failed: ${messageOf(error)}`);
  }
  const failures = await end.closeAll();
  for (const failure of failures) say(`not cleaned up: ${failure}`);
  say(`${seconds(began)} in all`);
  return failures.length > 0 ? 1 : code;
};

const words = process.argv.slice(2);
const unknown = words.filter((word) => !PARTS.some(({ name }) => name === word));
if (unknown.length > 0) {
  say(`The bench knows ${PARTS.map(({ name }) => name).join(', ')}, not ${unknown.join(' ')}.`);
  process.exit(2);
}
process.exit(await bench(PARTS.filter(({ name }) => words.length === 0 || words.includes(name))));
