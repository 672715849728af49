import { isUp, type SimContainer } from './container.js';
import { endProcess, launch, reviveByPolicy, settle as settleContainers, whyNotStartable } from './life.js';
import type { SimHost, World } from './world.js';

/** Kolla's StartLimitBurst and StartLimitInterval. */
const STARTS = 10;
const WITHIN_MS = 120_000;

/** A unit as kolla-ansible writes it, and where systemd stands with it. */
export type SimUnit = {
  readonly unit: string;
  /** What `docker start -a` and `docker stop` name. */
  readonly name: string;
  enabled: boolean;
  stopSeconds: number | null;
  restartSeconds: number;
  state: 'inactive' | 'active' | 'auto-restart' | 'deactivating' | 'failed';
  /** The container whose end `docker start -a` waits for, by id: a rename does not change it. */
  attached?: string;
  restartsAt?: number;
  /** Why the bot's account may not manage it. */
  forbidden?: string;
  /** Starts that count towards the limit, in milliseconds since the epoch. */
  starts: number[];
};

/** What units did by themselves, for those who watch. */
export type UnitEvent = {
  readonly host: string;
  readonly unit: string;
  readonly what: 'started' | 'start failed' | 'stopped a stranger' | 'hit its start limit';
};

/** Where a host's units and their watchers are kept: beside the world, whose engines know nothing of systemd. */
export type Systemd = {
  readonly units: ReadonlyMap<string, Map<string, SimUnit>>;
  readonly listeners: Set<(event: UnitEvent) => void>;
  /** Hosts that lose their power before anything else happens to them. */
  readonly powerCuts: Set<string>;
};

type Place = { readonly world: World; readonly host: SimHost; readonly unit: SimUnit };

const tell = ({ world, host, unit }: Place, what: UnitEvent['what']): void => {
  for (const listener of world.systemd.listeners) listener({ host: host.name, unit: unit.unit, what });
};

export const unitsOn = ({ systemd }: World, host: SimHost): readonly SimUnit[] => [
  ...(systemd.units.get(host.name)?.values() ?? []),
];

export const bearerOf = (host: SimHost, name: string): SimContainer | undefined =>
  [...host.containers.values()].find((one) => one.name === name);

const restartLater = (unit: SimUnit, from: number): void => {
  delete unit.attached;
  unit.state = 'auto-restart';
  unit.restartsAt = from + unit.restartSeconds * 1_000;
};

/** `docker start -a <name>`: starts, or only attaches to what runs already. */
export const startUnit = async (place: Place, at: number): Promise<void> => {
  const { world, host, unit } = place;
  delete unit.restartsAt;
  unit.starts = unit.starts.filter((one) => one > at - WITHIN_MS);
  if (unit.starts.length >= STARTS) {
    unit.state = 'failed';
    return tell(place, 'hit its start limit');
  }
  unit.starts.push(at);
  const bearer = bearerOf(host, unit.name);
  const why = bearer && !isUp(bearer) ? whyNotStartable(host, bearer) : undefined;
  if (!bearer || why) {
    if (bearer) bearer.error = why?.message ?? '';
    restartLater(unit, at);
    return tell(place, 'start failed');
  }
  if (!isUp(bearer)) {
    bearer.stoppedByHand = false;
    bearer.restartCount = 0;
    bearer.looks = 0;
    await launch(world, host, bearer, at);
  }
  unit.state = 'active';
  unit.attached = bearer.id;
  tell(place, 'started');
};

/** After a clean end systemd runs ExecStop, which names the name: the trap, when another container bears it by now. */
const execStopAfterEnd = async (place: Place, exitCode: number, at: number): Promise<void> => {
  const { world, host, unit } = place;
  if (![0, 143].includes(exitCode)) return;
  const bearer = bearerOf(host, unit.name);
  if (!bearer || !isUp(bearer)) return;
  tell(place, 'stopped a stranger');
  await endProcess(world, { host, container: bearer }, { at, exitCode: 143, byPolicy: false });
};

/** One thing that systemd notices or that is due by now; answers whether there was one. */
const stepUnit = async (place: Place): Promise<boolean> => {
  const { world, host, unit } = place;
  if (unit.state === 'active') {
    const attached = host.containers.get(unit.attached ?? '');
    if (attached && isUp(attached)) return false;
    const ended = attached?.finishedAt ?? world.clock.now();
    await execStopAfterEnd(place, attached?.exitCode ?? 1, ended);
    restartLater(unit, ended);
    return true;
  }
  if (unit.state !== 'auto-restart' || unit.restartsAt === undefined || unit.restartsAt > world.clock.now())
    return false;
  await startUnit(place, unit.restartsAt);
  return true;
};

/** All processes end at once; then Docker and the enabled units start what they start at boot. */
const boot = async (world: World, host: SimHost): Promise<void> => {
  const at = world.clock.now();
  for (const container of host.containers.values())
    if (isUp(container)) await endProcess(world, { host, container }, { at, exitCode: 137, byPolicy: false });
  await reviveByPolicy(world, host);
  for (const unit of unitsOn(world, host)) {
    delete unit.attached;
    delete unit.restartsAt;
    unit.starts = [];
    unit.state = 'inactive';
    if (unit.enabled) await startUnit({ world, host, unit }, at);
  }
};

/** Brings containers and units of a host up to the present, each reacting to what the other did. */
export const settle = async (world: World, host: SimHost): Promise<void> => {
  if (world.systemd.powerCuts.delete(host.name)) await boot(world, host);
  for (let busy = true; busy; ) {
    await settleContainers(world, host);
    busy = false;
    for (const unit of unitsOn(world, host)) busy = (await stepUnit({ world, host, unit })) || busy;
  }
};
