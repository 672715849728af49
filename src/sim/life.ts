import { whyUnfit } from './archive.js';
import { isUp, policyOf, type SimContainer } from './container.js';
import { openDoor } from './door.js';
import { connectLive } from './network.js';
import { answerOf, portOf, processOf } from './process.js';
import type { SimHost, World } from './world.js';

/** Docker's first wait before a restart by policy; it doubles up to a minute. */
const BACKOFF_MS = 100;

const backoffOf = (container: SimContainer): number =>
  Math.min(BACKOFF_MS * 2 ** container.restartCount, 60_000);

/** moby/restartmanager ShouldRestart. */
const policySays = (container: SimContainer, exitCode: number): boolean => {
  const { Name, MaximumRetryCount } = policyOf(container);
  if (Name === 'always') return true;
  if (Name === 'unless-stopped') return !container.stoppedByHand;
  if (Name !== 'on-failure' || exitCode === 0) return false;
  return MaximumRetryCount === 0 || container.restartCount < MaximumRetryCount;
};

const closeDoor = async (world: World, container: SimContainer): Promise<void> => {
  const door = world.doors.get(container.id);
  world.doors.delete(container.id);
  await door?.close();
};

/** `--rm` takes the anonymous volumes along; Docker's `remove` without `v` never does. */
const autoRemove = (host: SimHost, container: SimContainer): void => {
  host.containers.delete(container.id);
  const used = new Set([...host.containers.values()].flatMap((one) => one.mounts.map((mount) => mount.Name)));
  for (const { Name } of container.mounts)
    if (Name !== undefined && /^[0-9a-f]{64}$/.test(Name) && !used.has(Name)) host.volumes.delete(Name);
};

/** The process is gone; whether it comes back is said by `byPolicy`. */
export const endProcess = async (
  world: World,
  at: { host: SimHost; container: SimContainer },
  end: { at: number; exitCode: number; byPolicy: boolean },
): Promise<void> => {
  const { host, container } = at;
  container.finishedAt = end.at;
  container.exitCode = end.exitCode;
  delete container.ends;
  delete container.restartsAt;
  container.life = 'exited';
  if (end.byPolicy && policySays(container, end.exitCode)) {
    container.life = 'restarting';
    container.restartsAt = end.at + backoffOf(container);
  } else {
    for (const attachment of container.attachments) delete attachment.live;
    if (container.hostConfig.AutoRemove === true) autoRemove(host, container);
  }
  await closeDoor(world, container);
};

const portTaken = (world: World, host: SimHost, container: SimContainer): number | undefined => {
  const port = portOf(world, host, container);
  if (port === undefined) return undefined;
  const now = world.clock.now();
  const holds = (other: SimContainer): boolean =>
    other.life === 'running' && !(other.ends && other.ends.at <= now);
  const others = [...host.containers.values()].filter((other) => other !== container && holds(other));
  return others.some((other) => portOf(world, host, other) === port) ? port : undefined;
};

const fails = (container: SimContainer, at: number, line: string): void => {
  container.log.push(line);
  container.ends = { at, exitCode: 1 };
};

/** Binds the port for real where the cloud serves. */
const openFor = async (world: World, host: SimHost, container: SimContainer): Promise<void> => {
  const port = portOf(world, host, container);
  if (!world.serve || port === undefined || container.ends?.at === world.clock.now()) return;
  const door = await openDoor({ address: host.address, port }, (path) =>
    answerOf(world, host, container, path),
  );
  if (typeof door === 'string') fails(container, world.clock.now(), door);
  else world.doors.set(container.id, door);
};

/** Runs the image's program: a migration, a server, or one that finds its port taken and ends with code 1. */
export const launch = async (
  world: World,
  host: SimHost,
  container: SimContainer,
  at: number,
): Promise<void> => {
  const { behaviour } = container.image;
  container.life = 'running';
  container.startedAt = { ms: at, tick: world.next() };
  container.error = '';
  container.exitCode = 0;
  delete container.ends;
  delete container.restartsAt;
  const unfit = whyUnfit(host, container);
  if (unfit !== undefined) return fails(container, at, unfit);
  const oneOff = behaviour.oneOff?.(processOf(world, host, container));
  const taken = oneOff ? undefined : portTaken(world, host, container);
  if (oneOff) {
    container.log.push(...oneOff.log.split('\n').filter((line) => line !== ''));
    container.ends = { at: at + (oneOff.tookMs ?? 0), exitCode: oneOff.exitCode };
  } else if (taken !== undefined) {
    fails(container, at, `OSError: [Errno 98] Address already in use: port ${taken}`);
  } else {
    container.log.push(...(behaviour.says ?? []));
    if (behaviour.exitsAfterMs !== undefined)
      container.ends = { at: at + behaviour.exitsAfterMs, exitCode: behaviour.exitCode ?? 1 };
    await openFor(world, host, container);
  }
};

/** Brings every container of the host up to the present: processes that ended, restarts that are due. */
export const settle = async (world: World, host: SimHost): Promise<void> => {
  const now = world.clock.now();
  for (const container of [...host.containers.values()]) {
    for (;;) {
      if (container.life === 'running' && container.ends && container.ends.at <= now) {
        await endProcess(world, { host, container }, { ...container.ends, byPolicy: true });
      } else if (
        container.life === 'restarting' &&
        container.restartsAt !== undefined &&
        container.restartsAt <= now
      ) {
        container.restartCount += 1;
        await launch(world, host, container, container.restartsAt);
      } else break;
    }
  }
};

const addressesTaken = (host: SimHost): Set<string> =>
  new Set(
    [...host.containers.values()].flatMap((one) =>
      one.attachments.flatMap((attachment) => attachment.live?.ip || []),
    ),
  );

/** What keeps the engine itself from starting it, in Docker's words and with its HTTP status. */
export const whyNotStartable = (
  host: SimHost,
  container: SimContainer,
): { message: string; status: number; exitCode: number } | undefined => {
  const joined = /^container:(.+)$/.exec(container.hostConfig.NetworkMode)?.[1];
  const target = joined === undefined ? undefined : host.containers.get(joined);
  if (joined !== undefined && (!target || !isUp(target)))
    return {
      message: `cannot join network of a non running container: ${joined}`,
      status: 409,
      exitCode: 128,
    };
  for (const attachment of container.attachments) {
    const mac =
      attachment === container.attachments[0] && typeof container.config.MacAddress === 'string'
        ? { mac: container.config.MacAddress }
        : {};
    const problem = connectLive(attachment, {
      networks: host.networks,
      taken: addressesTaken(host),
      id: container.id,
      ...mac,
    });
    if (problem)
      return { message: problem, status: problem.includes('not found') ? 404 : 403, exitCode: 128 };
  }
  const { startError } = container.image.behaviour;
  return startError === undefined ? undefined : { message: startError, status: 400, exitCode: 127 };
};

/**
 * All processes of the host end, as at a daemon restart without live-restore. Then those come back that Docker brings
 * back: started once before, and their restart policy says so (`always` even after a person's stop).
 */
export const restartDaemon = async (world: World, host: SimHost): Promise<void> => {
  await settle(world, host);
  const all = [...host.containers.values()];
  for (const container of all)
    if (isUp(container))
      await endProcess(world, { host, container }, { at: world.clock.now(), exitCode: 143, byPolicy: false });
  await reviveByPolicy(world, host);
};

/** Starts what Docker starts when it comes up. */
export const reviveByPolicy = async (world: World, host: SimHost): Promise<void> => {
  for (const container of [...host.containers.values()]) {
    if (
      !host.containers.has(container.id) ||
      container.startedAt === undefined ||
      !policySays(container, container.exitCode)
    )
      continue;
    if (whyNotStartable(host, container) === undefined) {
      container.restartCount = 0;
      await launch(world, host, container, world.clock.now());
    } else for (const attachment of container.attachments) delete attachment.live;
  }
};
