import type { App } from '../../../src/app.js';
import { messageOf } from '../../../src/errors.js';
import { ANN, BOB } from '../../run/scene.js';
import type { Ground } from './ground.js';
import type { Ill } from './ills.js';
import { newestRun } from './person.js';

/** What became of clicks; `back`: one of them made the run go back. */
export type Clicked = { readonly back: boolean; readonly said: readonly string[] };

type Click = readonly [what: string, work: () => Promise<unknown>];

const answerOf = async ([what, work]: Click): Promise<readonly [boolean, string]> => {
  try {
    await work();
    return [true, `${what}: taken`];
  } catch (error) {
    return [false, `${what}: ${messageOf(error)}`];
  }
};

/** Two people click at once, each what a message of the run may still show. Refusals and a bot that dies are answers, too. */
export const clickAll = async (app: App, ground: Ground, ill: Ill): Promise<Clicked> => {
  const id = newestRun(ground)?.id;
  if (id === undefined) return { back: false, said: ['there is no run yet'] };
  const clicks: readonly Click[] =
    ill === 'clicked-back-before'
      ? [
          ['Bob rolls back', () => app.rollback(BOB, id)],
          ['Ann cancels', () => app.cancel(ANN, id)],
        ]
      : [
          ['Bob approves', () => app.approve(BOB, id)],
          ['Ann resumes', () => app.resume(ANN, id)],
        ];
  const answers = await Promise.all(clicks.map(answerOf));
  return {
    back: ill === 'clicked-back-before' && answers.some(([taken]) => taken),
    said: answers.map(([, said]) => said),
  };
};
