import type { ExecResult } from './port.js';

/**
 * Runs commands on a host itself, outside every container. Throws `EngineError` when it could not be run or its outcome
 * is unknown; a command that ran and failed is a result. `timeoutMs` counts from its start: it may wait for others first.
 */
export type HostShell = {
  readonly host: string;
  run(command: readonly string[], timeoutMs: number): Promise<ExecResult>;
};

/** systemd's words: `ActiveState` and `SubState` of a unit, and what its file says. */
export type UnitState = {
  readonly activeState: 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating' | 'reloading';
  readonly subState: string;
  readonly enabled: boolean;
  /** Seconds between SIGTERM and SIGKILL that the unit's own stop command gives (`docker stop … -t 60`). */
  readonly stopSeconds: number | null;
  /** `RestartSec`. */
  readonly restartSeconds: number;
};

/** systemd's units of one host. Every call throws `EngineError` when it fails or its outcome is unknown. */
export type Units = {
  readonly host: string;
  /** `undefined` when no such unit is loaded. */
  read(unit: string): Promise<UnitState | undefined>;
  /** Why we may not start and stop it, in one sentence without a full stop; `undefined` where we may. Changes nothing. */
  forbidden(unit: string): Promise<string | undefined>;
  /** Forgets an earlier failure and the starts counted so far. Stops and starts nothing, and shows that we may act. */
  clear(unit: string): Promise<void>;
  /** Waits until the stop job ended. */
  stop(unit: string): Promise<void>;
  /** Clears a start limit that was hit before, then starts; waits until the start job ended. */
  start(unit: string): Promise<void>;
};

/** Kolla's RestartSec is 11 s; with less, a unit could start the old one again before it was told to stop. */
export const SHORTEST_RESTART_SECONDS = 3;

export const isActive = (state: UnitState | undefined): boolean =>
  state?.activeState === 'active' || state?.activeState === 'reloading';

/** Nothing runs under the unit, and it will not start anything by itself: not in the pause before a restart either. */
export const isIdle = (state: UnitState | undefined): boolean =>
  state === undefined || state.activeState === 'inactive' || state.activeState === 'failed';

/** kolla-ansible's name of the unit that owns a container (kolla_systemd_worker.py). */
export const unitOf = (container: string): string => `kolla-${container}-container.service`;
