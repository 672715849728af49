import type Docker from 'dockerode';
import type { Cloud } from '../../src/demo/cloud/cloud.js';
import { hostsFile } from './bot.js';

/** A container of a cloud as the engine sees it. */
export type Own = {
  /** Without the cloud's prefix. */
  readonly name: string;
  readonly id: string;
  readonly tag: string;
  readonly running: boolean;
  readonly startedAt: string;
  readonly policy: string;
};

/** What is removed between a list and the look at it is not there. */
const inspectAll = async (docker: Docker, ids: readonly string[]): Promise<Docker.ContainerInspectInfo[]> => {
  const looks = ids.map((id) =>
    docker
      .getContainer(id)
      .inspect()
      .catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
        return undefined;
      }),
  );
  return (await Promise.all(looks)).filter((seen) => seen !== undefined);
};

const KEPT = /__prev_r[0-9a-f]{8}$/;

/** All containers that bear the cloud's prefix, ordered by name. */
export const ownContainers = async (docker: Docker, { prefix }: Cloud): Promise<Own[]> => {
  const all = await docker.listContainers({ all: true });
  const own = all.filter(({ Names }) => Names.some((name) => name.startsWith(`/${prefix}`)));
  const seen = await inspectAll(
    docker,
    own.map(({ Id }) => Id),
  );
  return seen
    .map(({ Name, Id, Config, State, HostConfig }) => ({
      name: Name.slice(1 + prefix.length),
      id: Id,
      tag: Config.Image.split(':').at(-1) ?? '',
      running: State.Running,
      startedAt: State.StartedAt,
      policy: HostConfig.RestartPolicy?.Name ?? '',
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
};

export const isOf =
  (service: string) =>
  ({ name }: { name: string }): boolean =>
    name.startsWith(service);

/** What must not move while a service is upgraded: id and start time of everybody else. */
export const others = (all: readonly Own[], service: string): readonly (readonly string[])[] =>
  all.filter((one) => !isOf(service)(one)).map(({ name, id, startedAt }) => [name, id, startedAt]);

/** Containers under the service's own names, as `name tag policy`; a stopped one is said to be. */
export const serving = (all: readonly Own[], service: string): readonly string[] =>
  all
    .filter((one) => isOf(service)(one) && !one.name.includes('__'))
    .map(({ name, tag, policy, running }) => `${name} ${tag} ${policy}${running ? '' : ' stopped'}`);

/** Old containers kept for going back. */
export const kept = (all: readonly Own[], service: string): readonly Own[] =>
  all.filter((one) => isOf(service)(one) && KEPT.test(one.name));

/** Whatever a run leaves besides kept containers: there must never be any once it rests. */
export const leftover = (all: readonly Own[]): readonly string[] =>
  all.filter(({ name }) => name.includes('__') && !KEPT.test(name)).map(({ name }) => name);

export const volumesOf = async (docker: Docker, { prefix }: Cloud): Promise<string[]> => {
  const { Volumes } = await docker.listVolumes();
  return Volumes.map(({ Name }) => Name)
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => a.localeCompare(b));
};

/** The cloud's hosts file, with what a test changes. */
export const hostsFileOf = ({ settings }: Cloud, change: Record<string, unknown> = {}): string =>
  hostsFile({ ...settings, ...change });
