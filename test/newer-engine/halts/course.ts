import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.js';
import { buildImages, type Version } from '../../e2e/matrix/images.js';
import { makeStand, type Stand } from '../../e2e/matrix/stand.js';
import { type RealDocker, realDocker } from '../../engine/real-docker.js';
import { type PrivateEngine, type PrivateEngineOptions, startPrivateEngine } from '../private-engine.js';
import { HALTS } from './halts.js';
import { bringTo, changesOf, type Direction, type Trial, tryHalt } from './trial.js';

export type HaltName = keyof typeof HALTS;
export const ALL_HALTS = Object.keys(HALTS) as readonly HaltName[];

/** Which halts are tried at a change; `number` counts the changes of both directions. */
export type Pick = (number: number) => readonly HaltName[];

/** One at each change, all of them in turn. */
export const inTurn: Pick = (number) => ALL_HALTS.filter((_name, at) => at === number % ALL_HALTS.length);

export type Tally = {
  readonly engine: string;
  readonly changes: readonly [forward: number, back: number];
  readonly tried: number;
  /** Halts that met their request. */
  readonly struck: number;
  /** By how the runs rested. */
  readonly rested: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
};

const titleOf = ({ does, at, halt }: Trial, struck: string | undefined): string =>
  `${does}, change ${at} (${(struck ?? 'not reached').replaceAll(/[0-9a-f]{64}/g, '…').slice(0, 60)}): the engine ${halt.title}`;

const trialsFor = (pick: Pick, forward: number, back: number): readonly Trial[] => {
  const at = (does: Direction, count: number, before: number): Trial[] =>
    Array.from({ length: count }, (_, index) =>
      pick(before + index).map((name) => ({ does, at: index + 1, halt: HALTS[name] })),
    ).flat();
  return [...at('upgrade', forward, 0), ...at('rollback', back, forward)];
};

type Ground = {
  readonly real: RealDocker;
  readonly engine: PrivateEngine;
  readonly say: (line: string) => void;
};

/** Tries them one after the other; what is lost is told, and the next one gets a service of its own. */
const tryAll = async ({ real, engine, say }: Ground, pick: Pick): Promise<Omit<Tally, 'engine'>> => {
  let made = 0;
  const makeNext = (): Promise<Stand> => {
    made += 1;
    return makeStand(real, 'host', made);
  };
  let stand = await makeNext();
  const forward = await changesOf({ stand, engine }, 'upgrade');
  const back = await changesOf({ stand, engine }, 'rollback');
  const trials = trialsFor(pick, forward.length, back.length);
  const rested: Record<string, number> = {};
  const lost: string[] = [];
  let struck = 0;
  let version: Version = 'old';
  for (const trial of trials) {
    await bringTo({ stand, engine }, version, trial.does === 'upgrade' ? 'old' : 'new');
    const began = Date.now();
    const outcome = await tryHalt({ stand, engine }, trial).catch((error: unknown) => ({
      ends: 'old' as const,
      struck: undefined,
      rested: 'thrown',
      problems: [messageOf(error)],
    }));
    const title = titleOf(trial, outcome.struck);
    const word = `${trial.does}: ${outcome.rested.split(':')[0]}`;
    rested[word] = (rested[word] ?? 0) + 1;
    if (outcome.struck !== undefined) struck += 1;
    say(`${((Date.now() - began) / 1_000).toFixed(1)} s ${title}: ${outcome.rested.slice(0, 200)}`);
    version = outcome.ends;
    if (outcome.problems.length === 0) continue;
    lost.push(`${title}: ${outcome.rested}: ${outcome.problems.join('; ')}`);
    say(`LOST ${lost.at(-1)}`);
    await stand.close();
    stand = await makeNext();
    version = 'old';
  }
  await stand.close();
  return { changes: [forward.length, back.length], tried: trials.length, struck, rested, lost };
};

export type Course = Omit<PrivateEngineOptions, 'home'> & {
  readonly pick: Pick;
  readonly say: (line: string) => void;
};

/** An engine of its own, halted at each change of an upgrade and of a rollback. Leaves nothing behind. */
export const haltCourse = async ({ pick, say, ...options }: Course): Promise<Tally> => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-halt-'));
  const engine = await startPrivateEngine({ ...options, home: join(folder, folder.slice(-6)) });
  try {
    const real = await realDocker('halts', engine.socketPath);
    if ('leftOut' in real) throw new Error(real.leftOut);
    await buildImages(real);
    const { Version } = await engine.docker.version();
    const name = `Docker ${Version}, ${options.liveRestore ? 'with' : 'without'} live-restore`;
    return { engine: name, ...(await tryAll({ real, engine, say }, pick)) };
  } finally {
    await engine.remove();
    rmSync(folder, { recursive: true });
  }
};

/** One line for the proof; each number was counted. */
export const rowOf = ({ engine, changes, tried, struck, rested, lost }: Tally): string => {
  const how = Object.entries(rested).map(([word, count]) => `${word} ${count}`);
  return `${engine}: restarted and paused at ${changes[0]} + ${changes[1]} changes: ${tried} runs, ${struck} halts, ${tried - lost.length} survived, ${lost.length} lost (${how.join(', ')})`;
};
