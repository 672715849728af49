import { mkdir, rm } from 'node:fs/promises';
import Docker from 'dockerode';
import type { LocalEngine } from '../../../src/demo/cloud/local-engine.js';
import { HOSTS, NAMESPACE, PREFIX, REGISTRY, RUN } from '../places.js';
import { bringUp } from './bring-up.js';
import { daemonsLeft, stopDaemon } from './daemon.js';
import { type Host, hostOf } from './host.js';
import { serveImages } from './images.js';
import { stopRegistry } from './registry.js';
import { removeSecondEngine, SECOND_SOCKET, secondEngineLeft, startSecondEngine } from './second-engine.js';
import { removeSshd, type SshWay, startSshd } from './ssh.js';

export type OpenStack = {
  readonly hosts: readonly [Host, Host];
  readonly ssh: SshWay;
  /** Seconds of each part of the way up. */
  readonly took: Readonly<Record<string, number>>;
};

const removeContainersAndVolumes = async (docker: Docker): Promise<void> => {
  const containers = await docker.listContainers({ all: true });
  const own = containers.filter(({ Names }) => Names.some((name) => name.startsWith(`/${PREFIX}`)));
  await Promise.all(own.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const { Volumes } = await docker.listVolumes();
  for (const { Name } of Volumes ?? []) if (Name.startsWith(PREFIX)) await docker.getVolume(Name).remove();
};

/** Every name under which this machine's engine knows an image of the test's registry. */
const removeImages = async (docker: Docker): Promise<void> => {
  const ours = (name: string): boolean => name.startsWith(`${REGISTRY}/${NAMESPACE}/`);
  for (const { RepoTags, RepoDigests } of await docker.listImages())
    for (const name of [...(RepoTags ?? []), ...(RepoDigests ?? [])].filter(ours))
      await docker.getImage(name).remove().catch(ignoreGone);
};

/** The last tag takes the digests with it. */
const ignoreGone = (error: unknown): void => {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error;
};

/** Removes all that this test makes, also what a crashed run of it left; the built images stay in `STATE`. */
export const removeOpenStack = async ({ docker }: LocalEngine): Promise<void> => {
  for (const name of ['bot', 'load']) await stopDaemon(name);
  await removeContainersAndVolumes(docker);
  if (secondEngineLeft()) {
    // Containers of an engine that was killed live on; only an engine over the same folder can end them.
    const left = new Docker({ socketPath: SECOND_SOCKET });
    const answers = await left.ping().then(
      () => true,
      () => false,
    );
    await removeContainersAndVolumes(answers ? left : await startSecondEngine());
    await removeSecondEngine();
  }
  await removeImages(docker);
  await removeSshd();
  await stopRegistry();
  for (const name of await daemonsLeft()) await stopDaemon(name);
  await rm(RUN, { recursive: true, force: true });
};

/** Builds what is missing and brings Zed up on two hosts that are reached over SSH. */
export const startOpenStack = async (
  engine: LocalEngine,
  say: (line: string) => void,
): Promise<OpenStack> => {
  const took: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    took[what] = (performance.now() - began) / 1_000;
    say(`${took[what].toFixed(1).padStart(7)} s  ${what}`);
    return result;
  };
  await timed('clearing what an earlier run left', () => removeOpenStack(engine));
  await mkdir(RUN, { recursive: true });
  await timed('images', () => serveImages(say));
  const [second, ssh] = await timed('second engine and sshd', () =>
    Promise.all([startSecondEngine(), startSshd()]),
  );
  const [ctl1, ctl2] = HOSTS;
  const hosts = [hostOf(ctl1, engine.socket, engine.docker), hostOf(ctl2, SECOND_SOCKET, second)] as const;
  await timed('OpenStack Zed on two hosts', () => bringUp(hosts));
  return { hosts, ssh, took };
};
