import type { RunEvent } from '../../src/run/event.js';
import type { Journal } from '../../src/run/journal.js';
import type { Run } from '../../src/run/run.js';
import type { Fault } from '../../src/sim/faults.js';
import type { KollaScene } from '../sim/kolla.js';
import { ANN, BOB, type Life, upgradeTo } from './scene.js';

export type Death = { readonly nth: number; readonly when: 'before' | 'after' };

/** A journal that dies with its process: what was appended before stays, nothing is appended after. */
export const mortal = (kept: Journal, scene: KollaScene, dieAt?: Death): Journal => {
  let count = 0;
  const append = async (write: () => Promise<void>): Promise<void> => {
    if (scene.cloud.crashed) return scene.cloud.crash('with its journal');
    count += 1;
    if (dieAt?.nth === count && dieAt.when === 'before') scene.cloud.crash(`before append ${count}`);
    await write();
    if (dieAt?.nth === count && dieAt.when === 'after') scene.cloud.crash(`after append ${count}`);
  };
  return {
    ...kept,
    append: (run: string, event: RunEvent) => append(() => kept.append(run, event)),
    appendCloud: (event) => append(() => kept.appendCloud(event)),
  };
};

/** That one mutating call goes wrong. */
export const once = (nth: number, fault: Fault) => (site: { nthMutating: number; mutating: boolean }) =>
  site.mutating && site.nthMutating === nth ? fault : 'ok';

export const onlyRun = (kept: Journal): Run => {
  const [run] = Object.values(kept.state().runs);
  if (!run) throw new Error('there is no run');
  return run;
};

export type Part = 'forward' | 'back' | 'finalize';

/** Does one part of a run; what comes before it went well. */
export const doPart = async ({ app }: Life, kept: Journal, part: Part): Promise<void> => {
  if (part === 'forward') return void (await upgradeTo(app, '2025.2'));
  await (part === 'back' ? app.rollback(BOB, onlyRun(kept).id) : app.finalize(BOB, onlyRun(kept).id));
  await app.settled(onlyRun(kept).id);
};

/** As a person would: answers whatever the run asks until it is over or upgraded. */
export const answer = async ({ app }: Life, id: string, how: 'resume' | 'rollback'): Promise<Run> => {
  for (let asked = 0; asked < 5; asked += 1) {
    const run = await app.settled(id);
    if (!['interrupted', 'paused', 'stuck'].includes(run.phase)) return run;
    await (how === 'rollback' && run.phase !== 'stuck' && run.direction === 'forward'
      ? app.rollback(ANN, id)
      : app.resume(ANN, id));
  }
  return app.settled(id);
};

/** Nobody waits for a run of a dead process; its last promises end in the crash. */
export const orDeath = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'SimulatedCrash') throw error;
  });
};

export const from = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
