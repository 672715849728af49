import { EngineError } from '../engine/port.js';
import type { UnitState, Units } from '../engine/units.js';
import { isUp, type SimContainer } from './container.js';
import { endProcess } from './life.js';
import { bearerOf, type SimUnit, settle, startUnit } from './unit-life.js';
import type { SimHost, World } from './world.js';

const ACTIVE: Readonly<Record<SimUnit['state'], UnitState['activeState']>> = {
  inactive: 'inactive',
  active: 'active',
  'auto-restart': 'activating',
  deactivating: 'deactivating',
  failed: 'failed',
};

const SUB: Readonly<Record<SimUnit['state'], string>> = {
  inactive: 'dead',
  active: 'running',
  'auto-restart': 'auto-restart',
  deactivating: 'stop',
  failed: 'failed',
};

const STOPPING_LOOK_MS = 100;

/** TimeoutStopSec where a unit does not set it. */
const TIMEOUT_STOP_SECONDS = 90;

/** systemd of one simulated host, without faults; its answers are those of systemd 252 (Debian 12). */
export const simUnits = (world: World, host: SimHost): Units => {
  const arrive = async (call: string): Promise<void> => {
    if (host.unreachable) throw new EngineError(host.name, call, 'ssh: connect: connection refused', true);
    await world.clock.sleep(world.delays.call ?? 0);
    await settle(world, host);
  };
  const known = (call: string, name: string): SimUnit => {
    const unit = world.systemd.units.get(host.name)?.get(name);
    if (!unit) throw new EngineError(host.name, call, `Unit ${name} not loaded.`, false);
    if (unit.forbidden) throw new EngineError(host.name, call, unit.forbidden, false, 403);
    return unit;
  };

  const end = async (container: SimContainer, graceSeconds: number): Promise<void> => {
    container.stoppedByHand = true;
    const needs = container.image.behaviour.stopsAfterMs ?? world.delays.stop ?? 0;
    await world.clock.sleep(Math.min(needs, graceSeconds * 1_000));
    const exitCode = needs > graceSeconds * 1_000 ? 137 : 143;
    const at = world.clock.now();
    if (isUp(container)) await endProcess(world, { host, container }, { at, exitCode, byPolicy: false });
  };

  /** ExecStop names the name; what `docker start -a` is attached to gets SIGTERM after it, if it is another. */
  const stopActive = async (unit: SimUnit): Promise<void> => {
    unit.state = 'deactivating';
    const bearer = bearerOf(host, unit.name);
    if (bearer && isUp(bearer)) await end(bearer, unit.stopSeconds ?? 10);
    const attached = host.containers.get(unit.attached ?? '');
    if (attached && isUp(attached)) await end(attached, TIMEOUT_STOP_SECONDS);
    delete unit.attached;
    unit.state = 'inactive';
  };

  return {
    host: host.name,
    read: async (name) => {
      await arrive('systemctl show');
      const unit = world.systemd.units.get(host.name)?.get(name);
      return (
        unit && {
          activeState: ACTIVE[unit.state],
          subState: SUB[unit.state],
          enabled: unit.enabled,
          stopSeconds: unit.stopSeconds,
          restartSeconds: unit.restartSeconds,
        }
      );
    },
    forbidden: async (name) => {
      await arrive('sudo -l');
      return world.systemd.units.get(host.name)?.get(name)?.forbidden;
    },
    clear: async (name) => {
      await arrive('systemctl reset-failed');
      const unit = known('systemctl reset-failed', name);
      unit.starts = [];
      if (unit.state === 'failed') unit.state = 'inactive';
    },
    stop: async (name) => {
      await arrive('systemctl stop');
      const unit = known('systemctl stop', name);
      if (unit.state === 'active') return stopActive(unit);
      delete unit.restartsAt;
      if (unit.state === 'auto-restart') unit.state = 'inactive';
    },
    start: async (name) => {
      await arrive('systemctl start');
      const unit = known('systemctl start', name);
      unit.starts = [];
      // A start of a unit that is being stopped takes the stop's place, and waits until it has ended (service_start).
      while (unit.state === 'deactivating') await world.clock.sleep(STOPPING_LOOK_MS);
      // A start of a unit that waits for its restart is queued until then (service.c, SERVICE_AUTO_RESTART).
      const queuedUntil = unit.state === 'auto-restart' ? unit.restartsAt : undefined;
      if (queuedUntil !== undefined) {
        await world.clock.sleep(Math.max(0, queuedUntil - world.clock.now()));
        return settle(world, host);
      }
      if (unit.state !== 'active') await startUnit({ world, host, unit }, world.clock.now());
    },
  };
};
