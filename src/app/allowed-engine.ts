import { type Engine, EngineError } from '../engine/port.js';
import { isAllowed } from '../plan/reference.js';
import { OVER } from '../run/phase.js';
import type { State } from '../run/run.js';
import { digestOf } from '../steps/recreate.js';

export type Image = { readonly host: string; readonly ref: string; readonly digest: string | undefined };

/** Whether a run that goes back needs this very build, which ran on this host before; the list may have changed since. */
export const ranBefore = ({ runs }: State, { host, ref, digest }: Image): boolean =>
  digest !== undefined &&
  Object.values(runs)
    .filter(({ phase, direction }) => direction === 'back' && !OVER.includes(phase))
    .flatMap(({ plan }) => plan.steps)
    .some(
      (step) =>
        step.kind === 'swap' &&
        step.old.host === host &&
        step.old.imageRef === ref &&
        digestOf(step.old.identity) === digest,
    );

export type Sources = {
  /** From where images may come; absent: from anywhere. */
  readonly registries: readonly string[] | undefined;
  /** An image that may come from wherever it came from. */
  readonly isBack: (image: Image) => boolean;
};

/** The last word before an engine: whatever a plan or a journal says, nothing new is pulled from elsewhere. */
export const allowedEngine = (engine: Engine, { registries, isBack }: Sources): Engine =>
  registries === undefined
    ? engine
    : {
        ...engine,
        pull: async (ref, digest) => {
          if (isAllowed(ref, registries) || isBack({ host: engine.host, ref, digest }))
            return engine.pull(ref, digest);
          throw new EngineError(
            engine.host,
            `pull ${ref}`,
            'its registry is not in images.registries of the hosts file',
            false,
            403,
          );
        },
      };
