import type { App } from '../app.js';
import { renderText } from '../render/text.js';
import type { Phase } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { eventLine } from '../views/event.js';
import { resultView } from '../views/result.js';
import { stateWords } from '../views/state.js';

/** Phases in which something is being done in the background. */
export const MOVING: readonly Phase[] = ['approved', 'running', 'rolling-back', 'finalizing'];

/** What a verb that waits is waiting for; in `through` it goes on waiting. */
type Goal = { readonly good: readonly Phase[]; readonly through: readonly Phase[] };

export const GOALS: Readonly<Record<string, Goal>> = {
  upgrade: {
    good: ['upgraded', 'finalizing', 'finalized'],
    through: ['proposed', 'approved', 'running', 'rolling-back'],
  },
  rollback: { good: ['rolled-back'], through: ['rolling-back'] },
  finalize: { good: ['finalized'], through: ['upgraded', 'finalizing'] },
  resume: { good: ['upgraded', 'rolled-back', 'finalized'], through: MOVING },
};

export type Follow = {
  readonly app: App;
  readonly run: string;
  readonly goal: Goal;
  readonly say: (text: string) => void;
  /** Aborted when the person stops waiting; the run is left as it is. */
  readonly left: AbortSignal;
};

/** Remembers a change that came while nobody waited for one. */
const bellOf = (app: App, run: string, left: AbortSignal) => {
  let rung = false;
  let wake = (): void => undefined;
  const ring = (): void => {
    rung = true;
    wake();
  };
  const unsubscribe = app.subscribe((changed) => {
    if (changed === run) ring();
  });
  left.addEventListener('abort', ring, { once: true });
  const rings = (): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        rung = false;
        resolve();
      };
      if (rung) wake();
    });
  const quiet = (): void => {
    unsubscribe();
    left.removeEventListener('abort', ring);
  };
  return { rings, quiet };
};

const leave = ({ say }: Follow, run: Run): number => {
  say(
    `Stopped waiting. Run ${run.id} is left as it is: ${stateWords(run)}. "status ${run.plan.service}" shows it.`,
  );
  return 1;
};

const finish = async ({ app, run, goal, say }: Follow): Promise<number> => {
  const ended = await app.settled(run);
  say(renderText(resultView(ended)));
  return goal.good.includes(ended.phase) ? 0 : 1;
};

/** Says each thing that happens to a run, until it ends or asks for a person. Returns the exit code. */
export const follow = async (following: Follow): Promise<number> => {
  const { app, run, goal, say, left } = following;
  const bell = bellOf(app, run, left);
  let told = (await app.eventsOf(run)).length;
  try {
    while (goal.through.includes(app.run(run).phase) && !left.aborted) {
      await bell.rings();
      const events = await app.eventsOf(run);
      for (const { at, event } of events.slice(told)) {
        const line = eventLine(event, app.run(run));
        if (line !== undefined) say(`${at.slice(11, 19)}  ${line}`);
      }
      told = events.length;
    }
  } finally {
    bell.quiet();
  }
  return left.aborted ? leave(following, app.run(run)) : finish(following);
};
