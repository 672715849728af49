import { type ContainerInspect, containerInspect } from '../engine/inspect.js';
import type { Files } from './archive.js';
import { dockerTime, NEVER } from './clock.js';
import type { SimImage } from './image.js';
import type { Mount } from './mounts.js';
import { type Attachment, endpointOf, type Networks } from './network.js';

export type LifeState = 'created' | 'running' | 'restarting' | 'exited';

/** One container as the simulated engine keeps it. */
export type SimContainer = {
  readonly id: string;
  name: string;
  readonly image: SimImage;
  readonly createdAt: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly hostConfig: Record<string, unknown> & { NetworkMode: string };
  readonly mounts: readonly Mount[];
  /** Files of its own, beyond the image's. */
  readonly layer: Files;
  readonly attachments: Attachment[];
  life: LifeState;
  /** Milliseconds since the epoch; `tick` tells two starts inside one millisecond apart. */
  startedAt?: { ms: number; tick: number };
  finishedAt?: number;
  /** When the process will end by itself, and how. */
  ends?: { at: number; exitCode: number };
  /** When the engine's restart policy starts it again (`restarting`). */
  restartsAt?: number;
  exitCode: number;
  error: string;
  restartCount: number;
  /** A person's stop: `unless-stopped` does not bring it back. */
  stoppedByHand: boolean;
  /** The next look's number, given to the behaviour. */
  looks: number;
  readonly log: string[];
};

/** What is made of a container's configuration, which never changes: made once. */
const onceEach = <T>(make: (container: SimContainer) => T): ((container: SimContainer) => T) => {
  const made = new WeakMap<SimContainer, { readonly of: T }>();
  return (container) => {
    const known = made.get(container) ?? { of: make(container) };
    made.set(container, known);
    return known.of;
  };
};

export const envOf = onceEach((container): Readonly<Record<string, string>> => {
  const pairs = Array.isArray(container.config.Env) ? container.config.Env.map(String) : [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = pair, ...rest] = pair.split('=');
      return [key, rest.join('=')];
    }),
  );
});

export const policyOf = (container: SimContainer): { Name: string; MaximumRetryCount: number } => {
  const policy = container.hostConfig.RestartPolicy as
    | { Name?: string; MaximumRetryCount?: number }
    | undefined;
  return { Name: policy?.Name ?? '', MaximumRetryCount: policy?.MaximumRetryCount ?? 0 };
};

export const isUp = (container: SimContainer): boolean =>
  container.life === 'running' || container.life === 'restarting';

/** The command of the health check as the engine runs it, or none (`NONE`, or not set). */
export const healthCommand = onceEach((container): readonly string[] | undefined => {
  const check = container.config.Healthcheck as { Test?: unknown } | undefined;
  const test = Array.isArray(check?.Test) ? check.Test.map(String) : [];
  const [kind, ...rest] = test;
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', rest.join(' ')];
  return kind === 'CMD' ? rest : undefined;
});

/** Entrypoint and command, as one line of words. */
export const commandOf = onceEach((container): readonly string[] =>
  [container.config.Entrypoint, container.config.Cmd].flatMap((part) =>
    Array.isArray(part) ? part.map(String) : [],
  ),
);

const pathAndArgs = (container: SimContainer): { Path: string; Args: string[] } => {
  const [Path = '', ...Args] = commandOf(container);
  return { Path, Args };
};

/** Nobody writes into what an engine answered; shared between answers, so that a look costs next to nothing. */
export const frozen = <T>(value: T): T => {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};

const shapeInspect = containerInspect.pick({ Config: true, HostConfig: true, Mounts: true });

type Shape = Pick<ContainerInspect, 'Config' | 'HostConfig' | 'Mounts'>;

/** A proof makes the same containers ten thousands of times: so many shapes are shared between all that have them. */
const SHARED = 10_000;
const shared = new Map<string, Shape>();

const sharedShape = (text: string): Shape => {
  const shape = shared.get(text) ?? frozen(shapeInspect.parse(JSON.parse(text)));
  if (shared.size >= SHARED) shared.clear();
  shared.set(text, shape);
  return shape;
};

/** What of a container changes only with its restart policy. */
const shapes = new WeakMap<SimContainer, { readonly policy: unknown; readonly shape: Shape }>();

const shapeOf = (container: SimContainer): Shape => {
  const policy = container.hostConfig.RestartPolicy;
  const known = shapes.get(container);
  if (known && known.policy === policy) return known.shape;
  const { hostConfig: HostConfig, mounts: Mounts, config: Config } = container;
  const shape = sharedShape(JSON.stringify({ Config, HostConfig, Mounts }));
  shapes.set(container, { policy, shape });
  return shape;
};

/** The inspect answer; `health` is judged by the caller, since it changes with time. */
export const inspectOf = (
  container: SimContainer,
  world: { networks: Networks; health: 'starting' | 'healthy' | 'unhealthy' | undefined; pid: number },
): ContainerInspect => {
  const { startedAt, finishedAt } = container;
  const networks = container.attachments.map((one) => [
    one.network,
    endpointOf(one, { networks: world.networks, id: container.id }),
  ]);
  return {
    Id: container.id,
    Created: dockerTime(container.createdAt),
    ...pathAndArgs(container),
    State: {
      Status: container.life,
      Running: isUp(container),
      Paused: false,
      Restarting: container.life === 'restarting',
      OOMKilled: false,
      Dead: false,
      Pid: container.life === 'running' ? world.pid : 0,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: startedAt ? dockerTime(startedAt.ms, startedAt.tick) : NEVER,
      FinishedAt: finishedAt === undefined ? NEVER : dockerTime(finishedAt),
      ...(world.health && container.life !== 'created'
        ? { Health: { Status: world.health, FailingStreak: world.health === 'unhealthy' ? 3 : 0, Log: [] } }
        : {}),
    },
    Image: container.image.id,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    ExecIDs: null,
    ...shapeOf(container),
    NetworkSettings: { Ports: {}, Networks: Object.fromEntries(networks) },
  };
};
