import { whyUnfit } from './archive.js';
import type { SimCloud } from './cloud.js';
import { isUp, policyOf, type SimContainer } from './container.js';
import type { CallRecord } from './faults.js';
import type { UnitEvent } from './unit-life.js';
import type { SimHost } from './world.js';

/*
 * What must hold after every mutating call, however it ended (facts: swap as proved in simulation, I1 to I7).
 * Old and new of one service are told by the name before the first double underscore, which Kolla's names never hold.
 */

export type Watch = {
  /** Sentences; empty while all holds. */
  readonly violations: readonly string[];
  /** What must hold once a run has ended: one container bears each name, runs, and has its old restart policy. */
  atRest(): Promise<string[]>;
  /** What a run made and did not remove, besides the kept old containers; apart, because a removal may be refused. */
  leftovers(): string[];
  stop(): void;
};

export type WatchOptions = {
  /** Whether a container that was there before may be removed now: only Finalize may. */
  readonly mayRemove?: (removed: {
    readonly host: string;
    readonly id: string;
    readonly name: string;
  }) => boolean;
  /** Names (before any double underscore) that may be touched; all where absent. */
  readonly touches?: readonly string[];
  /** Whether a unit may find nothing to start for a while: after a reboot between two renames. */
  readonly unitsMayFail?: boolean;
};

export const baseName = (name: string): string => {
  const end = name.indexOf('__');
  return end === -1 ? name : name.slice(0, end);
};

type Before = {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  readonly policy: string;
};

const before = (host: SimHost): Before[] =>
  [...host.containers.values()].map((one) => ({
    id: one.id,
    name: one.name,
    running: isUp(one),
    policy: policyOf(one).Name,
  }));

export const group = (host: SimHost, base: string): SimContainer[] =>
  [...host.containers.values()].filter((one) => baseName(one.name) === base && !isHelper(one));

const groupsOf = (host: SimHost): ReadonlyMap<string, readonly SimContainer[]> => {
  const groups = new Map<string, SimContainer[]>();
  for (const one of host.containers.values()) {
    if (isHelper(one)) continue;
    const base = baseName(one.name);
    const all = groups.get(base);
    if (all) all.push(one);
    else groups.set(base, [one]);
  }
  return groups;
};

/** Keeps files and is never started. */
const isHelper = ({ name }: SimContainer): boolean => name.includes('__conf_');

export const startable = (host: SimHost, container: SimContainer): boolean =>
  host.images.find(container.image.id) !== undefined && container.image.behaviour.startError === undefined;

const namesOf = (containers: readonly SimContainer[]): string =>
  containers.map((one) => one.name).join(' and ');

/** A container that was created by this run may be removed; one that was there before may not, unless allowed. */
const judgeCall = (record: CallRecord, known: ReadonlySet<string>, options: WatchOptions): string[] => {
  const name = record.name ?? record.target;
  const foreign = options.touches && record.call !== 'pull' && !options.touches.includes(baseName(name));
  const removed =
    record.call === 'remove' && record.took === 'effect' && known.has(record.id ?? record.target);
  return [
    ...(foreign ? [`${record.call} touched ${name} on ${record.host}, which is not of this run`] : []),
    ...(removed && !options.mayRemove?.({ host: record.host, id: record.id ?? record.target, name })
      ? [`${name} on ${record.host} was removed, and the run did not create it`]
      : []),
  ];
};

const judgeHost = (host: SimHost, was: readonly Before[], volumes: readonly string[]): string[] => {
  const groups = groupsOf(host);
  const writers = [...groups.values()]
    .map((all) => all.filter(isUp))
    .filter((running) => running.length > 1)
    .map((running) => `${namesOf(running)} run at once on ${host.name}`);
  const gone = [...new Set(was.map((one) => baseName(one.name)))]
    .filter((base) => !groups.get(base)?.some((one) => startable(host, one)))
    .map((base) => `no startable container of ${base} is left on ${host.name}`);
  // What bears a service's name is started by a reboot, a unit or a person, and copies its configuration then.
  const unfit = [...host.containers.values()]
    .filter((one) => one.name === baseName(one.name) || !['', 'no'].includes(policyOf(one).Name))
    .flatMap((one) => whyUnfit(host, one) ?? [])
    .map((why) => `a start would fail on ${host.name}: ${why}`);
  const lost = volumes
    .filter((volume) => !host.volumes.has(volume))
    .map((volume) => `volume ${volume} on ${host.name} was removed`);
  return [...writers, ...gone, ...unfit, ...lost];
};

const judgeRest = (host: SimHost, was: readonly Before[]): string[] =>
  was
    .filter((one) => one.running && one.name === baseName(one.name))
    .flatMap(({ name, policy }) => {
      const bearer = [...host.containers.values()].find((one) => one.name === name);
      if (!bearer) return [`no container bears the name ${name} on ${host.name}`];
      const kept = group(host, name).filter((one) => one !== bearer);
      return [
        ...(bearer.life === 'running' ? [] : [`${name} on ${host.name} is ${bearer.life}`]),
        ...(policyOf(bearer).Name === policy
          ? []
          : [`${name} on ${host.name} has restart policy "${policyOf(bearer).Name}", not "${policy}"`]),
        ...kept
          .filter((one) => !['', 'no'].includes(policyOf(one).Name))
          .map((one) => `${one.name} on ${host.name} would come back at a daemon restart`),
      ];
    });

/** Whatever a run made for itself; only the old one is kept, for going back. */
const judgeLeftovers = (host: SimHost, was: readonly Before[]): string[] =>
  [...host.containers.values()]
    .filter(
      ({ id, name }) => name.includes('__') && !name.includes('__prev_') && !was.some((one) => one.id === id),
    )
    .map(({ name }) => `${name} is left over on ${host.name}`);

/** Whatever systemd starts has to be the only one; its stop command and its start limit must never be met. */
const judgeUnit = ({ host, unit, what }: UnitEvent, mayFail: boolean): string[] =>
  what === 'started' || (what === 'start failed' && mayFail) ? [] : [`${unit} on ${host} ${what}`];

const judgeUnitsAtRest = (cloud: SimCloud, host: SimHost): string[] =>
  [...cloud.unitFiles(host.name).values()]
    .filter(
      ({ name, state, attached }) => state !== 'active' || host.containers.get(attached ?? '')?.name !== name,
    )
    .map(({ unit, state, attached }) => {
      const held = host.containers.get(attached ?? '')?.name;
      return `${unit} on ${host.name} is ${state}${held ? ` and watches ${held}` : ''}`;
    });

/** Starts watching; what is there now is what the run did not create. */
export const watchInvariants = (cloud: SimCloud, options: WatchOptions = {}): Watch => {
  const was = new Map(cloud.hosts.map((host) => [host.name, before(host)]));
  const volumes = new Map(cloud.hosts.map((host) => [host.name, [...host.volumes.keys()]]));
  const known = new Set([...was.values()].flatMap((list) => list.map((one) => one.id)));
  const violations: string[] = [];
  const note = (record: CallRecord, sentences: readonly string[]): void => {
    for (const sentence of sentences)
      violations.push(
        `after ${record.call} ${record.name ?? record.target} (call ${record.nth}): ${sentence}`,
      );
  };
  const stop = cloud.onCall((record) => {
    const host = cloud.host(record.host);
    note(record, judgeCall(record, known, options));
    note(record, judgeHost(host, was.get(host.name) ?? [], volumes.get(host.name) ?? []));
  });
  const stopUnits = cloud.onUnit((event) => {
    const host = cloud.host(event.host);
    const found = [
      ...judgeUnit(event, options.unitsMayFail ?? false),
      ...judgeHost(host, was.get(host.name) ?? [], volumes.get(host.name) ?? []),
    ];
    violations.push(...found.map((sentence) => `when ${event.unit} ${event.what}: ${sentence}`));
  });
  return {
    violations,
    stop: () => {
      stop();
      stopUnits();
    },
    leftovers: () => cloud.hosts.flatMap((host) => judgeLeftovers(host, was.get(host.name) ?? [])),
    atRest: async () => {
      for (const host of cloud.hosts) await cloud.operator(host.name).list();
      return cloud.hosts.flatMap((host) => [
        ...judgeRest(host, was.get(host.name) ?? []),
        ...judgeUnitsAtRest(cloud, host),
      ]);
    },
  };
};
