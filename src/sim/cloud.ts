import type { Engine } from '../engine/port.js';
import type { Units } from '../engine/units.js';
import { realClock, type SimClock } from './clock.js';
import { simEngine } from './engine.js';
import type { Surroundings } from './fault-line.js';
import {
  type CallListener,
  type CallRecord,
  type FaultHook,
  faultSession,
  faultyEngine,
  faultyUnits,
  SimulatedCrash,
} from './faults.js';
import type { HttpAnswer } from './image.js';
import { restartDaemon } from './life.js';
import { answerOf, portOf } from './process.js';
import { type Registry, registry } from './registry.js';
import { bearerOf, type SimUnit, settle, type UnitEvent } from './unit-life.js';
import { simUnits } from './units.js';
import { type Delays, findContainer, type HostOptions, type SimHost, simHost, type World } from './world.js';

export type CloudOptions = {
  readonly hosts: readonly HostOptions[];
  readonly clock?: SimClock;
  readonly delays?: Delays;
  /** Running containers on the host's network answer real HTTP at their host's address. */
  readonly serve?: boolean;
};

/** Several simulated container hosts, their registry and their database. */
export type SimCloud = {
  readonly clock: SimClock;
  readonly registry: Registry;
  /** Schema revisions and whatever else the cloud's database holds, seen from every host. */
  readonly database: Map<string, string>;
  readonly hosts: readonly SimHost[];
  host(name: string): SimHost;
  /** The engine as Stackswap's process sees it: with faults, recorded, dead after a crash. */
  engine(host: string): Engine;
  /** The host's systemd as Stackswap's process sees it, with the same faults, counted with the engine's calls. */
  units(host: string): Units;
  /** The units of a host by name; put one there, and systemd has it. */
  unitFiles(host: string): Map<string, SimUnit>;
  /** Called when a unit does something by itself. */
  onUnit(listener: (event: UnitEvent) => void): () => void;
  /** The host loses its power before anything else happens to it, and boots. */
  powerCut(host: string): void;
  /** The same engine as a person at the host sees it: no faults, nothing recorded. */
  operator(host: string): Engine;
  operatorUnits(host: string): Units;
  /** Asked before each call of `engine`; counting starts anew. Without a hook all is well. */
  inject(hook?: FaultHook): void;
  /** Every mutating call, in the order in which they ended. */
  readonly calls: readonly CallRecord[];
  /** Called right after each mutating call, before its caller learns of it. */
  onCall(listener: CallListener): () => void;
  /** Our process dies now (for instance at a journal append); every call of its engines rejects from here on. */
  crash(where: string): never;
  readonly crashed: boolean;
  /** Engines answer again, those taken before the crash, too. */
  revive(): void;
  /** As a new process: engines answer again, and those taken before stay dead, whoever still holds them. */
  nextLife(): void;
  daemonRestart(host: string): Promise<void>;
  /** HTTP without a socket: what the port at that address answers; throws ECONNREFUSED where nobody listens. */
  get(url: string): Promise<HttpAnswer>;
  /** Closes the ports that are served for real. */
  close(): Promise<void>;
};

const listenerAt = async (
  world: World,
  hosts: readonly SimHost[],
  url: URL,
): Promise<HttpAnswer | undefined> => {
  const port = Number(url.port || 80);
  for (const host of hosts.filter((one) => one.address === url.hostname || one.name === url.hostname)) {
    await settle(world, host);
    const container = [...host.containers.values()].find(
      (one) => one.life === 'running' && portOf(world, host, one) === port,
    );
    if (container) return answerOf(world, host, container, url.pathname);
  }
  return undefined;
};

export const simCloud = (options: CloudOptions): SimCloud => {
  let count = 0;
  const world: World = {
    clock: options.clock ?? realClock,
    delays: options.delays ?? {},
    registry: registry(),
    database: new Map(),
    doors: new Map(),
    serve: options.serve ?? false,
    systemd: {
      units: new Map(options.hosts.map(({ name }) => [name, new Map<string, SimUnit>()])),
      listeners: new Set(),
      powerCuts: new Set(),
    },
    next: () => {
      count += 1;
      return count;
    },
  };
  const hosts = options.hosts.map(simHost);
  const session = faultSession();
  const hostNamed = (name: string): SimHost => {
    const found = hosts.find((host) => host.name === name);
    if (!found) throw new Error(`the simulated cloud has no host ${name}`);
    return found;
  };
  const unitFiles = (name: string): Map<string, SimUnit> => {
    const files = world.systemd.units.get(name);
    if (!files) throw new Error(`the simulated cloud has no host ${name}`);
    return files;
  };
  const around = (find: Surroundings['find']): Surroundings => ({
    session,
    now: world.clock.now,
    hang: () => world.clock.sleep(world.delays.hang ?? 0),
    find,
  });
  const revive = (): void => {
    session.crash = undefined;
  };
  return {
    clock: world.clock,
    registry: world.registry,
    database: world.database,
    hosts,
    host: hostNamed,
    engine: (name) =>
      faultyEngine(
        simEngine(world, hostNamed(name)),
        around((id) => findContainer(hostNamed(name), id)),
      ),
    units: (name) =>
      faultyUnits(
        simUnits(world, hostNamed(name)),
        around((unit) => bearerOf(hostNamed(name), unitFiles(name).get(unit)?.name ?? '')),
      ),
    unitFiles,
    onUnit: (listener) => {
      world.systemd.listeners.add(listener);
      return () => void world.systemd.listeners.delete(listener);
    },
    powerCut: (name) => void world.systemd.powerCuts.add(hostNamed(name).name),
    operator: (name) => simEngine(world, hostNamed(name)),
    operatorUnits: (name) => simUnits(world, hostNamed(name)),
    inject: (hook) => {
      session.hook = hook;
      session.count = 0;
      session.countMutating = 0;
    },
    calls: session.calls,
    onCall: (listener) => {
      session.listeners.add(listener);
      return () => void session.listeners.delete(listener);
    },
    crash: (where) => {
      session.crash ??= new SimulatedCrash(where);
      throw session.crash;
    },
    get crashed() {
      return session.crash !== undefined;
    },
    revive,
    nextLife: () => {
      revive();
      session.life += 1;
    },
    daemonRestart: (name) => restartDaemon(world, hostNamed(name)),
    get: async (url) => {
      const answer = await listenerAt(world, hosts, new URL(url));
      if (!answer) throw new Error(`connect ECONNREFUSED ${new URL(url).host}`);
      return answer;
    },
    close: async () => {
      const doors = [...world.doors.values()];
      world.doors.clear();
      await Promise.all(doors.map((door) => door.close()));
    },
  };
};
