import type { ExecResult } from '../engine/port.js';
import { commandOf, envOf, healthCommand, isUp, type SimContainer } from './container.js';
import { answerAsHaproxy, type HaproxyServer } from './haproxy.js';
import type { HttpAnswer, Process } from './image.js';
import type { SimHost, World } from './world.js';

const volumesOf = (host: SimHost, container: SimContainer): ReturnType<Process['volumes']> =>
  new Map(
    container.mounts.flatMap((mount) => {
      const content = mount.Name === undefined ? undefined : host.volumes.get(mount.Name);
      return content ? [[mount.Destination, content] as const] : [];
    }),
  );

/** What the program in the container sees now. */
export const processOf = (world: World, host: SimHost, container: SimContainer): Process => ({
  host: host.name,
  address: host.address,
  container: container.name,
  id: container.id,
  env: envOf(container),
  command: commandOf(container),
  labels: (container.config.Labels ?? {}) as Record<string, string>,
  upMs: container.startedAt === undefined ? 0 : world.clock.now() - container.startedAt.ms,
  looks: container.looks,
  volumes: () => volumesOf(host, container),
  database: world.database,
});

/** The verdict of this look. */
export const isWell = (world: World, host: SimHost, container: SimContainer): boolean => {
  if (container.life !== 'running') return false;
  const verdict = container.image.behaviour.healthy ?? 'always';
  if (verdict === 'always' || verdict === 'never') return verdict === 'always';
  if (verdict === 'flaps') return container.looks % 3 !== 2;
  const process = processOf(world, host, container);
  return verdict(process.upMs, process);
};

const durationMs = (container: SimContainer, field: string, otherwise: number): number => {
  const value = (container.config.Healthcheck as Record<string, unknown> | undefined)?.[field];
  return typeof value === 'number' && value > 0 ? value / 1e6 : otherwise;
};

/** Docker's own word: `starting` until its interval and retries are used up. */
export const healthOf = (
  world: World,
  host: SimHost,
  container: SimContainer,
): 'starting' | 'healthy' | 'unhealthy' | undefined => {
  if (healthCommand(container) === undefined) return undefined;
  if (isWell(world, host, container)) return 'healthy';
  if (container.life !== 'running') return 'unhealthy';
  const retries = (container.config.Healthcheck as { Retries?: number } | undefined)?.Retries || 3;
  const patience =
    durationMs(container, 'StartPeriod', 0) + retries * durationMs(container, 'Interval', 30_000);
  return processOf(world, host, container).upMs < patience ? 'starting' : 'unhealthy';
};

/** What a program makes of its settings does not change while its container is there: asked once. */
const ports = new WeakMap<SimContainer, { readonly port: number | undefined }>();

/** The port that the container binds in its host's network; none when it has a network of its own. */
export const portOf = (world: World, host: SimHost, container: SimContainer): number | undefined => {
  if (container.hostConfig.NetworkMode !== 'host') return undefined;
  const { listens } = container.image.behaviour;
  if (typeof listens !== 'function') return listens;
  const known = ports.get(container) ?? { port: listens(processOf(world, host, container)) };
  ports.set(container, known);
  return known.port;
};

/** What its port answers, or nothing when the process is not there. */
export const answerOf = (
  world: World,
  host: SimHost,
  container: SimContainer,
  path: string,
): HttpAnswer | undefined => {
  if (container.life !== 'running') return undefined;
  const well = isWell(world, host, container);
  const process = processOf(world, host, container);
  const own = container.image.behaviour.http;
  if (own) return own(path, process, well) ?? { status: 404, body: '{"error":"not found"}' };
  if (path === '/healthcheck') return { status: well ? 200 : 503, body: well ? 'OK' : 'not ready' };
  return {
    status: well ? 200 : 503,
    body: JSON.stringify({ version: process.labels.kolla_version ?? 'unknown' }),
  };
};

const df = (host: SimHost, command: readonly string[]): ExecResult => {
  const unit = command.some((word) => /-B ?1\b|--block-size=1\b/.test(word)) ? 1 : 1024;
  const [free, used] = [Math.floor(host.diskFreeBytes / unit), Math.floor(40e9 / unit)];
  const head = `Filesystem ${unit === 1 ? '1-blocks' : '1024-blocks'} Used Available Capacity Mounted on`;
  return { exitCode: 0, output: `${head}\noverlay ${free + used} ${used} ${free} 40% /\n` };
};

const isHealthCommand = (container: SimContainer, command: readonly string[]): boolean => {
  const check = healthCommand(container);
  if (!check) return false;
  const shell = check[0] === '/bin/sh' && (command[0] === 'sh' || command[0] === '/bin/sh');
  return (
    JSON.stringify(shell ? command.slice(1) : command) === JSON.stringify(shell ? check.slice(1) : check)
  );
};

const passesCheck =
  (world: World, hosts: readonly SimHost[]) =>
  ({ address, port }: HaproxyServer): boolean =>
    hosts
      .filter((host) => host.address === address)
      .some((host) =>
        [...host.containers.values()].some(
          (one) =>
            portOf(world, host, one) === port && answerOf(world, host, one, '/healthcheck')?.status === 200,
        ),
      );

const commandOfBalancer = (
  world: World,
  container: SimContainer,
  command: readonly string[],
): ExecResult | undefined => {
  const { balancer } = container.image.behaviour;
  if (!balancer) return undefined;
  const check = passesCheck(world, balancer.hosts());
  return answerAsHaproxy({ container, config: balancer.config, check }, command);
};

/** Runs a command in a running container. Looking at the health is what moves its verdict on. */
export const runCommand = (
  world: World,
  at: { host: SimHost; container: SimContainer },
  command: readonly string[],
): ExecResult & { readonly tookMs?: number } => {
  const { host, container } = at;
  if (!isUp(container)) throw new Error('runCommand needs a running container');
  if (isHealthCommand(container, command)) {
    const well = isWell(world, host, container);
    container.looks += 1;
    return { exitCode: well ? 0 : 1, output: well ? 'OK\n' : 'not ready\n' };
  }
  const known =
    container.image.behaviour.exec?.(command, processOf(world, host, container)) ??
    commandOfBalancer(world, container, command);
  if (known) return known;
  if (command.some((word) => /^(\/bin\/)?df(\s|$)/.test(word))) return df(host, command);
  return {
    exitCode: 126,
    output: `OCI runtime exec failed: exec: "${command[0] ?? ''}": executable file not found in $PATH: unknown\n`,
  };
};
