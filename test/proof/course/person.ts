import type { App } from '../../../src/app.js';
import { Refusal } from '../../../src/errors.js';
import type { Run } from '../../../src/run/run.js';
import type { Part } from '../../run/mishaps.js';
import { ANN, BOB } from '../../run/scene.js';
import type { Ground } from './ground.js';
import type { Strategy } from './strategies.js';

/** How a person answers whatever the run asks: goes on with what was wanted, or goes back wherever that is allowed. */
export const PEOPLE = ['resume', 'rollback'] as const;
export type Person = (typeof PEOPLE)[number];

export type Wish = { readonly strategy: Strategy; readonly part: Part; readonly person: Person };

const newestRun = (ground: Ground): Run | undefined => Object.values(ground.kept.state().runs).at(-1);

/** A person restores the database where the old version needs that, and says so. */
const goBack = async (app: App, run: Run, { scene }: Ground): Promise<void> => {
  try {
    await app.rollback(BOB, run.id);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'no-backup-word') throw error;
    const { service } = run.plan;
    scene.cloud.database.set(service, `${service}-${run.plan.from.release ?? ''}`);
    await app.rollback(BOB, run.id, 'the backup of this morning');
  }
};

/** Goes back where it can be done, and on with it where it cannot. */
const backOr = async (
  app: App,
  run: Run,
  { ground, other }: { ground: Ground; other: () => Promise<unknown> },
) => {
  try {
    await goBack(app, run, ground);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await other();
  }
};

/** What the person does next; `undefined` when there is nothing left to do. */
export const nextAct = (ground: Ground, wish: Wish): ((app: App) => Promise<unknown>) | undefined => {
  const run = newestRun(ground);
  const { strategy, part, person } = wish;
  if (!run) return (app) => app.upgrade(ANN, strategy.request);
  const { id } = run;
  const resume = (app: App) => app.resume(ANN, id);
  switch (run.phase) {
    case 'proposed':
      return (app) => app.approve(BOB, id);
    case 'interrupted':
    case 'paused':
      return person === 'rollback' && run.direction !== 'back'
        ? (app) => backOr(app, run, { ground, other: () => app.resume(ANN, id) })
        : resume;
    case 'stuck':
      return resume;
    case 'upgraded':
      if (part === 'forward' && person === 'resume') return undefined;
      return part === 'finalize' ? (app) => app.finalize(BOB, id) : (app) => goBack(app, run, ground);
    case 'finalize-failed':
      return person === 'rollback'
        ? (app) => backOr(app, run, { ground, other: () => app.finalize(BOB, id) })
        : (app) => app.finalize(BOB, id);
    default:
      return undefined;
  }
};

export { newestRun };
