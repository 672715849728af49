import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { dockerEngine } from '../../../src/engine/docker.js';
import type { Engine } from '../../../src/engine/port.js';
import { keyOf, type Shape } from '../config/shape.js';
import { type HostName, imageOf, PREFIX, type Release, RUN } from '../places.js';

/** One host: its engine as the test reaches it, by its socket on this machine. */
export type Host = {
  readonly name: HostName;
  readonly socket: string;
  readonly docker: Docker;
  readonly engine: Engine;
};

const WITHOUT_LOGS = ['haproxy', 'memcached'];
const HEALTHY_WITHIN_MS = 120_000;

export const hostOf = (name: HostName, socket: string, docker: Docker): Host => ({
  name,
  socket,
  docker,
  engine: dockerEngine({ host: name, address: { socketPath: socket } }),
});

/** The host's /etc/kolla. */
export const etcOf = (host: HostName): string => join(RUN, 'etc', host);
/** What `kolla-ansible genconfig` of a release would have laid on the bot's machine for a host. */
export const renderedOf = (release: string, host: string): string => join(RUN, 'rendered', release, host);

export const writeFolder = async (
  shape: Shape,
  host: HostName,
  place: { release: Release; below: string },
) => {
  const folder = join(place.below, keyOf(shape));
  await mkdir(folder, { recursive: true, mode: 0o770 });
  for (const [file, text] of Object.entries(shape.folder(host, place.release))) {
    await writeFile(join(folder, file), text);
    await chmod(join(folder, file), 0o660);
  }
};

const bindsOf = (shape: Shape, host: HostName): string[] => [
  `${join(etcOf(host), keyOf(shape))}/:/var/lib/kolla/config_files/:ro`,
  '/etc/localtime:/etc/localtime:ro',
  ...[
    ...(WITHOUT_LOGS.includes(shape.name) ? [] : ['kolla_logs:/var/log/kolla/']),
    ...(shape.volumes ?? []),
  ].map((volume) => `${PREFIX}${volume}`),
];

const SECONDS = 1_000_000_000;

/** As kolla-ansible's module creates it up to Zed: the engine's own restart policy, and no systemd unit. */
const specOf = (shape: Shape, host: HostName, release: Release) => ({
  Image: imageOf(shape.image, release),
  Env: [
    'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS',
    `KOLLA_SERVICE_NAME=${shape.name.replaceAll('_', '-')}`,
    ...(shape.env ?? []),
  ],
  Healthcheck: {
    Test: ['CMD-SHELL', shape.healthcheck(host)],
    Interval: 30 * SECONDS,
    Timeout: 30 * SECONDS,
    Retries: 3,
    StartPeriod: 5 * SECONDS,
  },
  HostConfig: {
    NetworkMode: 'host',
    Binds: bindsOf(shape, host),
    RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    LogConfig: { Type: 'json-file', Config: { 'max-file': '5', 'max-size': '50m' } },
  },
});

export const pull = async ({ engine }: Host, shape: Shape, release: Release): Promise<void> => {
  await engine.pull(imageOf(shape.image, release));
};

/** Runs a container of the service to its end with more environment, or another command; gives what it printed. */
export const runOnce = async (
  host: Host,
  shape: Shape,
  change: {
    readonly release: Release;
    readonly env?: readonly string[];
    readonly command?: readonly string[];
  },
): Promise<string> => {
  const { Healthcheck: _, ...spec } = specOf(shape, host.name, change.release);
  const container = await host.docker.createContainer({
    ...spec,
    name: `${PREFIX}bootstrap_${shape.name}`,
    Env: [...spec.Env, ...(change.env ?? [])],
    ...(change.command ? { Entrypoint: [...change.command], Cmd: [] } : {}),
    HostConfig: { ...spec.HostConfig, RestartPolicy: { Name: 'no' } },
  });
  await container.start();
  const exitCode = await host.engine.wait(container.id, 300_000);
  const log = await host.engine.logs(container.id, 60);
  await container.remove();
  if (exitCode !== 0)
    throw new Error(`bootstrap of ${shape.name} ended with ${exitCode}: ${log.slice(-2_000)}`);
  return log;
};

export const execIn = async (
  host: Host,
  shape: Pick<Shape, 'name'>,
  command: readonly string[],
): Promise<string> => {
  const seen = await host.engine.inspect(`${PREFIX}${shape.name}`);
  if (!seen) throw new Error(`there is no ${shape.name} on ${host.name}`);
  const { exitCode, output } = await host.engine.exec(seen.Id, command, 120_000);
  if (exitCode !== 0)
    throw new Error(
      `${command[0]} in ${shape.name} on ${host.name} ended with ${exitCode}: ${output.slice(-1_000)}`,
    );
  return output;
};

/** Creates and starts it, and waits until its own health check says that it is well. */
export const start = async (host: Host, shape: Shape, release: Release): Promise<void> => {
  const container = await host.docker.createContainer({
    ...specOf(shape, host.name, release),
    name: `${PREFIX}${shape.name}`,
  });
  await container.start();
  const end = Date.now() + HEALTHY_WITHIN_MS;
  for (;;) {
    const { State } = await container.inspect();
    if (State.Running) {
      const check = ['/bin/sh', '-c', shape.healthcheck(host.name)];
      const { exitCode } = await host.engine.exec(container.id, check, 30_000).catch(() => ({ exitCode: 1 }));
      if (exitCode === 0) return;
    }
    if (Date.now() > end)
      throw new Error(
        `${shape.name} on ${host.name} is not healthy after ${HEALTHY_WITHIN_MS / 1_000} s (${State.Status}): ${(
          await host.engine.logs(container.id, 20)
        ).slice(-2_000)}`,
      );
    await sleep(300);
  }
};
