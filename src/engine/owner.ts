import type { Engine } from './port.js';

/**
 * Who owns the process of a service container. On a Kolla host a systemd unit may own it and start it again by itself;
 * everything that stops or starts a service container goes through this port.
 */
export type ProcessOwner = {
  readonly name: string;
  /** Asks the owner to end the process; `graceSeconds` until it is killed. */
  stop(id: string, graceSeconds: number): Promise<void>;
  /** Whether the process is seen dead, and the owner will not start it by itself. */
  seenDead(id: string): Promise<boolean>;
  start(id: string): Promise<void>;
  /** Whether the process is seen active under its owner. */
  seenActive(id: string): Promise<boolean>;
};

/** Waits that many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** No supervisor: the engine's own stop and start. A container that is gone counts as dead. */
export const engineOwned = (engine: Engine): ProcessOwner => ({
  name: 'none',
  stop: (id, graceSeconds) => engine.stop(id, graceSeconds),
  seenDead: async (id) => (await engine.inspect(id))?.State.Running !== true,
  start: (id) => engine.start(id),
  seenActive: async (id) => (await engine.inspect(id))?.State.Running === true,
});
