import type { Config } from '../config.js';
import type { Engine } from '../engine/port.js';
import type { Units } from '../engine/units.js';
import { messageOf } from '../errors.js';
import type { Folders } from '../kolla/folder.js';
import type { Clock } from '../probes/clock.js';
import {
  Aborted,
  type AskService,
  Inconclusive,
  type Patience,
  type Specs,
  Stopping,
} from '../steps/context.js';
import { BOT } from './actor.js';
import type { RunEvent } from './event.js';
import { finalizeRun } from './finalize-run.js';
import { goBack } from './go-back.js';
import { goForward } from './go-forward.js';
import { noWayBack } from './going-back.js';
import type { Journal } from './journal.js';
import { keepLastWords } from './last-words.js';
import { putBack } from './put-back.js';
import type { Run } from './run.js';

/** What performing a run needs from outside. */
export type Workshop = {
  readonly journal: Journal;
  readonly config: Config;
  readonly engineOf: (host: string) => Engine;
  readonly unitsOf: (host: string) => Units | undefined;
  readonly rendered: Folders['read'];
  readonly saidRelease: Folders['said'];
  /** Has a target configuration rendered; answers with why it could not. */
  readonly render: (request: {
    readonly release: string;
    readonly service: string;
    readonly hosts: readonly string[];
    readonly folder: string;
  }) => Promise<string | undefined>;
  /**
   * One after the other: two renderings would write into the same folders, and no run that installs what lies in them may
   * start while one writes.
   */
  readonly oneRendering: <T>(work: () => Promise<T>) => Promise<T>;
  readonly askService: AskService | undefined;
  readonly clock: Clock;
  /** When this process began, by `clock`: what an earlier one journaled happened before, whatever its clock said. */
  readonly bornAt: number;
  readonly patience: Patience;
  readonly tail: (text: string) => string;
  readonly specs: Specs;
  readonly keepLog: (name: string, text: string) => Promise<string | null>;
  /** True once the program is asked to end: no further call is made. */
  readonly stopping: () => boolean;
};

/** A workshop with one run on the bench. */
export type Bench = Workshop & {
  readonly run: () => Run;
  readonly emit: (event: RunEvent) => Promise<void>;
};

export const benchFor = (workshop: Workshop, id: string): Bench => ({
  ...workshop,
  run: () => {
    const run = workshop.journal.state().runs[id];
    if (!run) throw new Error(`no run ${id} in the journal`);
    return run;
  },
  emit: (event) => workshop.journal.append(id, event),
});

const touched = (run: Run): boolean =>
  run.plan.steps.some((step, index) => step.kind !== 'pull' && run.steps[index]?.status !== 'pending');

type Choices = Extract<RunEvent, { kind: 'asked' }>['choices'];

const ask = async (bench: Bench, why: string, choices: Choices): Promise<void> => {
  await bench.emit({ kind: 'asked', why, choices });
  await keepLastWords(bench);
};

/** A forward step failed: back by policy, or people are asked. Past a one-way schema change only people decide. */
const decide = async (bench: Bench, why: string): Promise<void> => {
  const run = bench.run();
  if (!touched(run)) return bench.emit({ kind: 'failed', why });
  const stop = noWayBack(run);
  if (stop) return ask(bench, `${why} ${stop.why} ${stop.wayOut}`, ['resume']);
  if (run.onFailure === 'ask') return ask(bench, why, ['resume', 'rollback']);
  await bench.emit({ kind: 'rollback', by: BOT, why });
};

const forward = async (bench: Bench): Promise<void> => {
  try {
    await goForward(bench);
  } catch (error) {
    if (error instanceof Stopping) throw error;
    if (error instanceof Aborted) return;
    if (error instanceof Inconclusive)
      return ask(bench, messageOf(error), noWayBack(bench.run()) ? ['resume'] : ['resume', 'rollback']);
    await decide(bench, messageOf(error));
  }
};

/**
 * Does whatever the run's phase asks for, until it waits for people or is over. Every phase may be entered again after a
 * crash. Errors of the steps end in events; what is thrown here is a failing journal or a bug.
 */
export const work = async (workshop: Workshop, id: string): Promise<void> => {
  const bench = benchFor(workshop, id);
  try {
    await attend(bench);
  } finally {
    // Whatever it waits for now, and also where the program ends: no server of it stays without traffic.
    await putBack(workshop, bench.run());
  }
};

const attend = async (bench: Bench): Promise<void> => {
  if (bench.run().phase === 'running')
    await forward(bench).catch((error: unknown) => {
      // A roll back came in while the way forward was saying its last: that is not said any more.
      if (error instanceof Stopping || bench.run().direction !== 'back') throw error;
    });
  if (bench.run().phase === 'rolling-back') await goBack(bench);
  if (bench.run().phase === 'finalizing') await finalizeRun(bench);
};
