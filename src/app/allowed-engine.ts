import { type Engine, EngineError } from '../engine/port.js';
import { isAllowed } from '../plan/reference.js';

/** The last word before an engine: whatever a plan or a journal says, nothing is pulled from elsewhere. */
export const allowedEngine = (engine: Engine, registries: readonly string[] | undefined): Engine =>
  registries === undefined
    ? engine
    : {
        ...engine,
        pull: async (ref, digest) => {
          if (isAllowed(ref, registries)) return engine.pull(ref, digest);
          throw new EngineError(
            engine.host,
            `pull ${ref}`,
            'its registry is not in images.registries of the hosts file',
            false,
            403,
          );
        },
      };
