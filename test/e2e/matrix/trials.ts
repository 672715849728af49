import { messageOf } from '../../../src/errors.js';
import type { RealDocker } from '../../engine/real-docker.js';
import type { Births } from './births.js';
import { type Guard, guardOf } from './guard.js';
import type { Version } from './images.js';
import { type Ended, rolledBack, upgraded } from './person.js';
import type { Shape } from './shapes.js';
import { makeStand, type Stand } from './stand.js';

export type Scene = { readonly stand: Stand; readonly guard: Guard; readonly births: Births };

export type Outcome = Ended & {
  readonly title: string;
  /** False where the bot had ended before the request that was meant. */
  readonly struck: boolean;
  /** How many requests were struck. */
  readonly faults: number;
};

/** Something to be tried at a stand whose service runs `from`. */
export type Trial = {
  readonly from: Version;
  readonly title: string;
  perform(scene: Scene): Promise<Omit<Outcome, 'title'>>;
};

export type Tally = {
  readonly tried: number;
  /** Trials in which all that was meant to be struck was. */
  readonly struck: number;
  readonly faults: number;
  readonly lost: readonly Outcome[];
};

export type Ground = {
  readonly real: RealDocker;
  readonly births: Births;
  readonly shape: Shape;
  /** How many stands work at the same time. */
  readonly lanes: number;
  readonly say: (line: string) => void;
  /** Aborted: what is being tried is brought to its end, and nothing more is begun. */
  readonly stop?: AbortSignal | undefined;
};

let made = 0;

export const sceneOf = async ({ real, shape, births }: Ground): Promise<Scene> => {
  made += 1;
  const stand = await makeStand(real, shape, made);
  return { stand, guard: guardOf(stand), births };
};

const attempt = async (scene: Scene, trial: Trial): Promise<Outcome> => {
  try {
    return { title: trial.title, ...(await trial.perform(scene)) };
  } catch (error) {
    return { title: trial.title, struck: true, faults: 0, ends: trial.from, problems: [messageOf(error)] };
  }
};

/** The next trial that fits what runs; where none does, the service is brought to the other version first. */
const nextFor = async (scene: Scene, version: Version, left: Trial[]): Promise<Trial | undefined> => {
  const at = left.findIndex(({ from }) => from === version);
  if (at >= 0) return left.splice(at, 1)[0];
  const [other] = left.splice(0, 1);
  if (other) await (version === 'old' ? upgraded(scene.stand) : rolledBack(scene.stand));
  return other;
};

/** One stand's share; a lost trial is followed by a new stand, because nothing can be judged on ruins. */
const lane = async (ground: Ground, left: Trial[], outcomes: Outcome[]): Promise<void> => {
  while (left.length > 0) {
    const scene = await sceneOf(ground);
    let version: Version = 'old';
    try {
      for (let intact = true; intact && left.length > 0; ) {
        const trial = await nextFor(scene, version, left);
        if (!trial) break;
        const outcome = await attempt(scene, trial);
        outcomes.push(outcome);
        version = outcome.ends;
        intact = outcome.problems.length === 0;
        if (!intact) ground.say(`LOST ${ground.shape}: ${outcome.title}: ${outcome.problems.join('; ')}`);
      }
    } finally {
      await scene.stand.close();
    }
  }
};

/** Works off all trials at several stands at once, each trial beginning where the one before it ended. */
export const tryAll = async (ground: Ground, trials: readonly Trial[]): Promise<Tally> => {
  const left = [...trials];
  const outcomes: Outcome[] = [];
  const stop = () => left.splice(0);
  if (ground.stop?.aborted) stop();
  ground.stop?.addEventListener('abort', stop, { once: true });
  await Promise.all(Array.from({ length: ground.lanes }, () => lane(ground, left, outcomes)));
  return {
    tried: outcomes.length,
    struck: outcomes.filter(({ struck }) => struck).length,
    faults: outcomes.reduce((sum, { faults }) => sum + faults, 0),
    lost: outcomes.filter(({ problems }) => problems.length > 0),
  };
};
