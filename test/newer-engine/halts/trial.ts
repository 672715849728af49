import type { App } from '../../../src/app.js';
import { readConfig } from '../../../src/config.js';
import { dockerEngine } from '../../../src/engine/docker.js';
import type { Run } from '../../../src/run/run.js';
import { ANN, BOB, bornOver, upgrade } from '../../e2e/bot.js';
import { RELEASES, type Version } from '../../e2e/matrix/images.js';
import { isChange } from '../../e2e/matrix/intents.js';
import { rolledBack, upgraded } from '../../e2e/matrix/person.js';
import type { Stand } from '../../e2e/matrix/stand.js';
import { journalProblems, problemsOf } from '../../e2e/matrix/verdict.js';
import type { PrivateEngine } from '../private-engine.js';
import { type Halt, halting } from './halts.js';

export type Direction = 'upgrade' | 'rollback';
export type Scene = { readonly stand: Stand; readonly engine: PrivateEngine };

/** A halt at the change with that number, counted from 1. */
export type Trial = { readonly does: Direction; readonly at: number; readonly halt: Halt };

export type Outcome = {
  readonly ends: Version;
  /** The request that met the halt; absent where the run ended before it. */
  readonly struck: string | undefined;
  /** How the run rested, and why, where it did not do what was asked. */
  readonly rested: string;
  readonly problems: readonly string[];
};

const newestOf = async (app: App): Promise<Run | undefined> => (await app.history(ANN, 'keystone'))[0];

const perform = async (app: App, does: Direction): Promise<Run> => {
  if (does === 'upgrade') return upgrade(app, { service: 'keystone', to: RELEASES.new });
  const id = (await newestOf(app))?.id ?? '';
  await app.rollback(ANN, id);
  return app.settled(id);
};

/** A run that asks is answered as a person at 2 a.m. would: go back, until it has gone back. */
const answered = async (app: App, run: Run): Promise<Run> => {
  if (run.asked === undefined) return run;
  await app.rollback(ANN, run.id);
  return app.settled(run.id);
};

const within = async <T>(
  { stand }: Scene,
  halt: Halt | undefined,
  work: (app: App) => Promise<T>,
): Promise<T> => {
  const address = { socketPath: stand.wire.socketPath };
  const impatient =
    halt?.deadlines && dockerEngine({ host: 'control01', address, deadlines: halt.deadlines });
  const { app } = await bornOver({
    config: readConfig(stand.configFile),
    state: stand.state,
    ...(impatient ? { engines: new Map([['control01', impatient]]) } : {}),
  });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
};

/** The changes that a run makes when nothing happens. */
export const changesOf = async (scene: Scene, does: Direction): Promise<readonly string[]> => {
  const changes: string[] = [];
  scene.stand.wire.handle((exchange) => {
    if (isChange(exchange.line)) changes.push(exchange.line);
    exchange.pass();
  });
  const run = await within(scene, undefined, async (app) => {
    const done = await perform(app, does);
    if (does === 'rollback') await app.unhold(BOB, 'keystone');
    return done;
  });
  if (run.phase !== (does === 'upgrade' ? 'upgraded' : 'rolled-back'))
    throw new Error(`to a run that nothing happened to: ${run.phase}, ${run.why ?? ''}`);
  return changes;
};

const restedOf = ({ phase, why }: Run): string => (why === undefined ? phase : `${phase}: ${why}`);

export const tryHalt = async (scene: Scene, { does, at, halt }: Trial): Promise<Outcome> => {
  const { stand, engine } = scene;
  let number = 0;
  let struck: string | undefined;
  let halted: Promise<void> = Promise.resolve();
  const strike = halting(engine, halt, (done) => {
    halted = done;
  });
  stand.wire.handle((exchange) => {
    if (isChange(exchange.line)) number += 1;
    if (number !== at || struck !== undefined || !isChange(exchange.line)) return exchange.pass();
    struck = exchange.line;
    return strike(exchange);
  });
  const { run, rested } = await within(scene, halt, async (app) => {
    const first = await perform(app, does);
    await halted;
    const last = await answered(app, first);
    if (last.phase === 'rolled-back') await app.unhold(BOB, 'keystone');
    return { run: last, rested: restedOf(first) };
  });
  stand.wire.handle(undefined);
  const ends = run.phase === 'upgraded' ? 'new' : 'old';
  const differing = run.compared.flatMap(({ differences }) => differences);
  return {
    ends,
    struck,
    rested,
    problems: [
      ...(await problemsOf(stand, ends)),
      ...(await journalProblems(stand)),
      ...differing.map((difference) => `the run says: ${difference}`),
      ...(['upgraded', 'rolled-back', 'failed', 'voided'].includes(run.phase)
        ? []
        : [`the run is ${run.phase}`]),
    ],
  };
};

/** Brings the service to where the next trial begins, with nothing happening. */
export const bringTo = async ({ stand }: Scene, from: Version, wanted: Version): Promise<void> => {
  if (from === wanted) return;
  const { problems } = await (wanted === 'new' ? upgraded(stand) : rolledBack(stand));
  if (problems.length > 0) throw new Error(problems.join('; '));
};
