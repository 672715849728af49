import { type ContainerInspect, nameOf } from './inspect.js';
import { engineOwned, type ProcessOwner, type Sleep } from './owner.js';
import { type Engine, EngineError } from './port.js';
import { isActive, isIdle, type Units } from './units.js';

/** How long a unit that was started may take until its container runs: `docker start -a` on a busy host. */
const START_MS = 60_000;
const LOOK_MS = 200;

export type UnitOptions = {
  readonly unit: string;
  /** The name that the unit starts and stops, whichever container bears it. */
  readonly name: string;
  readonly sleep: Sleep;
};

/**
 * A container owned by a systemd unit that we may order about. The unit acts on whatever bears the name, so it is used
 * only for the container that bears it now; any other is stopped by the engine, and never started.
 */
export const unitOwned = (engine: Engine, units: Units, { unit, name, sleep }: UnitOptions): ProcessOwner => {
  const alone = engineOwned(engine);
  const bears = (seen: ContainerInspect | undefined): seen is ContainerInspect =>
    seen !== undefined && nameOf(seen) === name;

  const stop = async (id: string, graceSeconds: number): Promise<void> => {
    const seen = await engine.inspect(id);
    if (!bears(seen)) return alone.stop(id, graceSeconds);
    // Before anything ends: a refusal here costs nothing, and starts of earlier tries are not counted any more.
    await units.clear(unit);
    const { stopSeconds = null } = (await units.read(unit)) ?? {};
    // The unit's own stop would kill too early. Ended like this, the unit starts it again after RestartSec, unless it
    // is told to stop before; and if we die here, that restart is what saves the service.
    if (seen.State.Running && (stopSeconds === null || stopSeconds < graceSeconds))
      await engine.stop(id, graceSeconds);
    // All that took a while, and the unit stops what bears the name by now: somebody else's container, maybe.
    if (bears(await engine.inspect(id))) await units.stop(unit);
    // A unit that was not active stops nothing, and TimeoutStopSec may have killed its stop command too early.
    if ((await engine.inspect(id))?.State.Running) await engine.stop(id, graceSeconds);
  };

  /** As the engine would answer: trying again only lengthens the gap. */
  const notStarted = (why: string): EngineError =>
    new EngineError(engine.host, 'start', `${unit} could not start ${name}: ${why}`, false, 500);

  /** A started unit only says that `docker start -a` runs: waits until the container does, or did and ended. */
  const awaitStarted = async (id: string, before: string): Promise<void> => {
    for (let waited = 0; waited < START_MS; waited += LOOK_MS) {
      const state = await units.read(unit);
      const seen = await engine.inspect(id);
      if (!seen || seen.State.Running || seen.State.StartedAt !== before) return;
      if (isIdle(state) || state?.subState.startsWith('auto-restart'))
        throw notStarted(seen.State.Error || `its unit is ${state?.activeState ?? 'gone'}`);
      await sleep(LOOK_MS);
    }
    throw new EngineError(engine.host, 'start', `${unit} is active, and ${name} does not run`, true);
  };

  return {
    name: unit,
    stop,
    seenDead: async (id) => {
      const seen = await engine.inspect(id);
      if (seen?.State.Running) return false;
      return !bears(seen) || isIdle(await units.read(unit));
    },
    start: async (id) => {
      const seen = await engine.inspect(id);
      if (!bears(seen)) throw notStarted(`${id.slice(0, 12)} does not bear the name ${name}`);
      await units.start(unit);
      await awaitStarted(id, seen.State.StartedAt);
    },
    seenActive: async (id) => {
      const seen = await engine.inspect(id);
      if (!seen?.State.Running) return false;
      return !bears(seen) || isActive(await units.read(unit));
    },
  };
};
