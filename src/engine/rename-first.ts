import { nameOf } from './inspect.js';
import { engineOwned, type ProcessOwner, type Sleep } from './owner.js';
import { type Engine, EngineError } from './port.js';

/** Kolla's RestartSec is 11 s (kolla_systemd_worker.py); the rest is for a busy host. */
const UNIT_MS = 30_000;
const LOOK_MS = 200;

/** The other version of a swap: whatever happens, it must not run beside the one that is started. */
export type Rival = { readonly id: string; readonly graceSeconds: number };

export type RenameFirstOptions = {
  readonly unit: string;
  readonly name: string;
  readonly rival?: Rival | undefined;
  readonly sleep: Sleep;
  /** Says something to people. */
  readonly note: (text: string) => Promise<void>;
};

/**
 * A container owned by a systemd unit that cannot be reached. The unit starts whatever bears the name, RestartSec after
 * the process that it watches has ended; so the callers give the name away first, stop, and let the unit start.
 */
export const renameFirst = (engine: Engine, options: RenameFirstOptions): ProcessOwner => {
  const { unit, name, rival, sleep, note } = options;
  const alone = engineOwned(engine);

  /** A unit that had looked the name up in the moment of the rename starts the one that bore it before. */
  const quietRival = async (): Promise<void> => {
    if (!rival) return;
    const other = await engine.inspect(rival.id);
    if (other?.State.Running) await engine.stop(rival.id, rival.graceSeconds);
  };

  /** Whether the unit started it, be it that it ended again at once. */
  const startedByUnit = async (id: string): Promise<boolean> => {
    const before = (await engine.inspect(id))?.State;
    for (let waited = 0; waited < UNIT_MS; waited += LOOK_MS) {
      await quietRival();
      const seen = await engine.inspect(id);
      if (!seen || seen.State.Running || seen.State.StartedAt !== before?.StartedAt) return true;
      // The unit tried, and the engine could not: it would try again every RestartSec.
      if (seen.State.Error && seen.State.Error !== before?.Error)
        throw new EngineError(engine.host, 'start', seen.State.Error, false, 500);
      await sleep(LOOK_MS);
    }
    return false;
  };

  return {
    name: unit,
    stop: alone.stop,
    seenDead: alone.seenDead,
    start: async (id) => {
      const seen = await engine.inspect(id);
      if (seen && nameOf(seen) !== name)
        throw new EngineError(engine.host, 'start', `it does not bear the name ${name}`, false, 409);
      if (await startedByUnit(id)) return;
      // The unit has long run its own stop command by now, so this start cannot be hit by it.
      await engine.start(id);
      await note(
        `${unit} on ${engine.host} did not start ${name} within ${UNIT_MS / 1000} s, so the engine did: nobody watches it now. On the host: systemctl reset-failed ${unit}; systemctl start ${unit}`,
      );
    },
    seenActive: alone.seenActive,
  };
};
