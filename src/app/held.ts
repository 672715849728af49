import { type Engine, EngineError } from '../engine/port.js';
import type { Units } from '../engine/units.js';

/** Why this process may not act any more: another one took over its state folder. `undefined` while it may. */
export type Lost = () => string | undefined;

/** As an HTTP status: trying again will not help. */
const FORBIDDEN = 403;

const guardBy = (lost: Lost, host: string) => (call: string) => {
  const why = lost();
  if (why !== undefined)
    throw new EngineError(
      host,
      call,
      `not made, since another process took over the state folder (${why})`,
      false,
      FORBIDDEN,
    );
};

/**
 * Asks before every call that changes something, and not only at the intent in the journal, which covers several: a process
 * that was stopped between two of them wakes up beside another one that went back meanwhile. A create, which is several
 * requests where there are further networks, is asked before each.
 */
export const heldEngine = (engine: Engine, lost: Lost): Engine => {
  const require = guardBy(lost, engine.host);
  const held =
    <A extends readonly unknown[], T>(what: string, call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      require(what);
      return call(...args);
    };
  return {
    ...engine,
    pull: held('pull', engine.pull),
    create: held('create', (name, spec) => engine.create(name, spec, () => require('join a network'))),
    start: held('start', engine.start),
    stop: held('stop', engine.stop),
    rename: held('rename', engine.rename),
    setRestartPolicy: held('update', engine.setRestartPolicy),
    remove: held('remove', engine.remove),
    exec: held('exec', engine.exec),
    writeArchive: held('write', engine.writeArchive),
  };
};

/** The same for a host's units; the commands of one start or stop (its patience is read, a limit cleared) are asked once. */
export const heldUnits = (units: Units, lost: Lost): Units => {
  const require = guardBy(lost, units.host);
  const held =
    (what: string, call: (unit: string) => Promise<void>) =>
    async (unit: string): Promise<void> => {
      require(`${what} ${unit}`);
      return call(unit);
    };
  return {
    ...units,
    clear: held('reset-failed', units.clear),
    stop: held('stop', units.stop),
    start: held('start', units.start),
  };
};
