import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Dockerode from 'dockerode';
import { dockerEngine } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/port.js';
import { messageOf } from '../../src/errors.js';

/** Tools for tests against a real engine. All that they make bears `prefix`, and `cleanUp` removes exactly that. */
export type RealDocker = {
  readonly docker: Dockerode;
  readonly socketPath: string;
  readonly prefix: string;
  readonly engine: Engine;
  /** A name of this test run for a container, a network or a volume. */
  name(word: string): string;
  /** Builds an image of busybox with Dockerfile instructions (ENV, CMD, LABEL, …) and returns its reference. */
  image(word: string, changes: readonly string[]): Promise<string>;
  /** A bridge network with a free /24; `subnet` is its first three bytes. */
  network(word: string): Promise<{ name: string; subnet: string }>;
  cleanUp(): Promise<void>;
};

export type LeftOut = { readonly leftOut: string };

const BUSYBOX = '/bin/busybox';

export const socketPath = (): string => {
  const host = process.env.DOCKER_HOST ?? '';
  return host.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock';
};

/** A missing part is a failure where STACKSWAP_TEST_REQUIRE=1 says that nothing may be left out. */
export const leaveOut = (reason: string): LeftOut => {
  if (process.env.STACKSWAP_TEST_REQUIRE === '1') throw new Error(`Nothing may be left out, but ${reason}`);
  return { leftOut: reason };
};

const missing = async (docker: Dockerode, path: string): Promise<string | undefined> => {
  if (process.env.STACKSWAP_NO_ENGINE) return process.env.STACKSWAP_NO_ENGINE;
  try {
    accessSync(BUSYBOX, constants.X_OK);
    execFileSync(BUSYBOX, ['true']);
  } catch {
    return `there is no ${BUSYBOX} (Debian package busybox-static)`;
  }
  try {
    await docker.ping();
    return undefined;
  } catch (error) {
    return `no engine answers at ${path} (${messageOf(error)})`;
  }
};

const contextOf = (dockerfile: string): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-build-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), `${dockerfile}\n`);
    return execFileSync('tar', ['-c', '-C', folder, 'Dockerfile']);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Failures of a build arrive inside its progress. */
export const finish = (docker: Dockerode, progress: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null, lines: { error?: string }[]) => {
      const failure = error?.message ?? lines.find((line) => line.error)?.error;
      if (failure) reject(new Error(failure));
      else resolve();
    });
  });

const importBase = async (docker: Dockerode, repo: string): Promise<void> =>
  finish(docker, await docker.importImage(Readable.from([rootFileSystem()]), { repo, tag: 'latest' }));

const rootFileSystem = (): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-root-'));
  try {
    for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run', 'data'])
      mkdirSync(join(folder, name));
    copyFileSync(BUSYBOX, join(folder, 'bin/busybox'));
    const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n');
    for (const applet of applets)
      if (applet && applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
    return execFileSync('tar', ['-c', '-C', folder, '.'], { maxBuffer: 64 * 1024 * 1024 });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const MOST_TRIES = 20;

/** Other tests make networks at the same time, and an engine refuses a subnet that overlaps. */
const makeNetwork = async (
  docker: Dockerode,
  name: string,
  tries = MOST_TRIES,
): Promise<{ name: string; subnet: string }> => {
  const subnet = `10.213.${randomInt(250)}`;
  try {
    await docker.createNetwork({ Name: name, IPAM: { Config: [{ Subnet: `${subnet}.0/24` }] } });
    return { name, subnet };
  } catch (error) {
    if (tries > 1 && messageOf(error).includes('overlaps')) return makeNetwork(docker, name, tries - 1);
    throw error;
  }
};

const removeContainers = async (docker: Dockerode, prefix: string): Promise<void> => {
  const all = await docker.listContainers({ all: true });
  const ours = all.filter(({ Names }) => Names.some((name) => name.startsWith(`/${prefix}`)));
  for (const { Id } of ours) {
    const { Mounts } = await docker.getContainer(Id).inspect();
    await docker.getContainer(Id).remove({ force: true, v: true });
    const unnamed = Mounts.flatMap(({ Type, Name }) =>
      Type === 'volume' && Name && /^[0-9a-f]{64}$/.test(Name) ? [Name] : [],
    );
    for (const volume of unnamed) await docker.getVolume(volume).remove().catch(unlessAbsentOrUsed);
  }
};

/** What went with another thing of ours, or what the next one of ours still holds. */
const unlessAbsentOrUsed = (error: unknown): void => {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status !== 404 && status !== 409) throw error;
};

/** Removes all names, tags and digests, that begin so; the last tag takes its digest along. */
export const removeImages = async (docker: Dockerode, beginning: string): Promise<void> => {
  const all = await docker.listImages({ digests: true });
  const names = all.flatMap((image) => [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]);
  for (const name of names)
    if (name.startsWith(beginning))
      await docker.getImage(name).remove({ force: true }).catch(unlessAbsentOrUsed);
};

const removeRest = async (docker: Dockerode, prefix: string): Promise<void> => {
  const { Volumes } = await docker.listVolumes();
  for (const { Name } of Volumes) if (Name.startsWith(prefix)) await docker.getVolume(Name).remove();
  for (const { Id, Name } of await docker.listNetworks())
    if (Name.startsWith(prefix)) await docker.getNetwork(Id).remove();
  await removeImages(docker, prefix);
};

/** The engine at a socket (DOCKER_HOST's where it names one, else Docker's usual one), or what is missing. */
export const realDocker = async (word = 'test', path = socketPath()): Promise<RealDocker | LeftOut> => {
  const docker = new Dockerode({ socketPath: path });
  const reason = await missing(docker, path);
  if (reason) return leaveOut(reason);
  const prefix = `stackswap-${word}-${randomBytes(4).toString('hex')}`;
  let base: Promise<void> | undefined;
  return {
    docker,
    socketPath: path,
    prefix,
    engine: dockerEngine({ host: 'here', address: { socketPath: path } }),
    name: (part) => `${prefix}-${part}`,
    image: async (part, changes) => {
      const ref = `${prefix}/${part}`;
      base ??= importBase(docker, `${prefix}/base`);
      await base;
      const dockerfile = [`FROM ${prefix}/base`, ...changes].join('\n');
      await finish(
        docker,
        await docker.buildImage(Readable.from([contextOf(dockerfile)]), { t: ref, rm: true }),
      );
      await docker.getImage(ref).inspect();
      return ref;
    },
    network: (part) => makeNetwork(docker, `${prefix}-${part}`),
    cleanUp: async () => {
      await removeContainers(docker, prefix);
      await removeRest(docker, prefix);
    },
  };
};
