import type { Engine } from '../engine/port.js';
import type { Units } from '../engine/units.js';
import { faultLine, type Surroundings } from './fault-line.js';

export type EngineCall = Exclude<keyof Engine, 'host'>;

/** Calls of an engine, and of the host's systemd. */
export type Call = EngineCall | `unit ${Exclude<keyof Units, 'host'>}`;

/**
 * `refuse`: a clear refusal, no effect. `lose-answer`: takes effect, then the outcome is unknown. `hang`: no effect,
 * and the outcome is unknown. `crash-before`, `crash-after`: our own process dies, with or without the effect.
 */
export type Fault = 'ok' | 'refuse' | 'lose-answer' | 'hang' | 'crash-before' | 'crash-after';

export const FAULTS: readonly Exclude<Fault, 'ok'>[] = [
  'refuse',
  'lose-answer',
  'hang',
  'crash-before',
  'crash-after',
];

export type CallSite = {
  readonly host: string;
  readonly call: Call;
  /** What the call names: an id, a name or an image reference; empty for calls about the whole host. */
  readonly target: string;
  /** The target container's name at that moment, where it is a container. */
  readonly name?: string;
  /** Its full id, where the call names a container that exists. */
  readonly id?: string;
  readonly mutating: boolean;
  /** 1 for the first call after the hook was set; of all calls, and of the mutating ones only. */
  readonly nth: number;
  readonly nthMutating: number;
};

/** Where it takes its time, others act on the host before the call arrives there. */
export type FaultHook = (site: CallSite) => Fault | Promise<Fault>;

export type CallRecord = CallSite & {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fault: Fault;
  readonly took: 'effect' | 'no effect';
  /** The engine's own refusal, which has no effect either. */
  readonly error?: string;
  /** Id or name that the call produced or was given: the new id of `create`, the new name of `rename`. */
  readonly detail?: string;
};

/** Told of each mutating call before its caller is; where it takes its time, others act on the host in between. */
export type CallListener = (record: CallRecord) => void | Promise<void>;

/** Our process died. Not an `EngineError`: no code of ours may take it for an answer. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
  constructor(where: string) {
    super(`the process died ${where}`);
  }
}

/** An order to HAProxy changes what clients meet; every other command that is run in a container only looks. */
const orderIn = (command: readonly string[]): string | undefined =>
  /set server \S+ state \w+/.exec(command.join(' '))?.[0];

/** Who is alive, what is to go wrong, and what was done. One for the whole cloud: a process dies on all its hosts. */
export type FaultSession = {
  hook: FaultHook | undefined;
  count: number;
  countMutating: number;
  crash: SimulatedCrash | undefined;
  /** Handles of lives below this one stay dead. */
  life: number;
  readonly calls: CallRecord[];
  readonly listeners: Set<CallListener>;
};

export const faultSession = (): FaultSession => ({
  hook: undefined,
  count: 0,
  countMutating: 0,
  crash: undefined,
  life: 0,
  calls: [],
  listeners: new Set(),
});

/** The engine as one process sees it: through a connection on which everything can go wrong. */
export const faultyEngine = (engine: Engine, around: Surroundings): Engine => {
  const through = faultLine(engine.host, around);
  return {
    host: engine.host,
    info: () => through('info', '', () => engine.info()),
    list: () => through('list', '', () => engine.list()),
    inspect: (id) => through('inspect', id, () => engine.inspect(id)),
    image: (ref) => through('image', ref, () => engine.image(ref)),
    hasVolume: (name) => through('hasVolume', name, () => engine.hasVolume(name)),
    resolve: (ref) => through('resolve', ref, () => engine.resolve(ref)),
    pull: (ref, digest) => through('pull', ref, () => engine.pull(ref, digest), digest),
    create: (name, spec) => through('create', name, () => engine.create(name, spec)),
    start: (id) => through('start', id, () => engine.start(id)),
    stop: (id, grace) => through('stop', id, () => engine.stop(id, grace)),
    rename: (id, name) => through('rename', id, () => engine.rename(id, name), name),
    setRestartPolicy: (id, policy) =>
      through('setRestartPolicy', id, () => engine.setRestartPolicy(id, policy), policy.Name),
    remove: (id) => through('remove', id, () => engine.remove(id)),
    exec: (id, command, timeout) =>
      through('exec', id, () => engine.exec(id, command, timeout), orderIn(command)),
    wait: (id, timeout) => through('wait', id, () => engine.wait(id, timeout)),
    logs: (id, lines) => through('logs', id, () => engine.logs(id, lines)),
    readArchive: (id, path) => through('readArchive', id, () => engine.readArchive(id, path)),
    writeArchive: (id, path, tar) =>
      through('writeArchive', id, () => engine.writeArchive(id, path, tar), path),
  };
};

/** The units likewise; their calls are counted with the engines'. */
export const faultyUnits = (units: Units, around: Surroundings): Units => {
  const through = faultLine(units.host, around);
  return {
    host: units.host,
    read: (unit) => through('unit read', unit, () => units.read(unit)),
    forbidden: (unit) => through('unit forbidden', unit, () => units.forbidden(unit)),
    clear: (unit) => through('unit clear', unit, () => units.clear(unit)),
    stop: (unit) => through('unit stop', unit, () => units.stop(unit)),
    start: (unit) => through('unit start', unit, () => units.start(unit)),
  };
};
