import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { etcOf, execIn, type Host, renderedOf } from './cloud/host.js';
import { keyOf, SHAPES, type Shape } from './config/shape.js';
import { ADDRESS, HOSTS, PASSWORD, PREFIX, type Release } from './places.js';

/** A container of the cloud on one of the hosts; the name is Kolla's, without the prefix. */
export type Seen = {
  readonly host: string;
  readonly name: string;
  readonly id: string;
  readonly startedAt: string;
  readonly tag: string;
  readonly running: boolean;
  readonly policy: string;
};

export const containersOf = async (hosts: readonly Host[]): Promise<readonly Seen[]> => {
  const seen = await Promise.all(
    hosts.map(async ({ name: host, docker }) => {
      const own = (await docker.listContainers({ all: true })).filter(({ Names }) =>
        Names.some((name) => name.startsWith(`/${PREFIX}`)),
      );
      const looks = await Promise.all(own.map(({ Id }) => docker.getContainer(Id).inspect()));
      return looks.map(({ Id, Name, Config, State, HostConfig }) => ({
        host,
        name: Name.slice(`/${PREFIX}`.length),
        id: Id,
        startedAt: State.StartedAt,
        tag: Config.Image.split(':').at(-1) ?? '',
        running: State.Running,
        policy: HostConfig.RestartPolicy?.Name ?? '',
      }));
    }),
  );
  return seen.flat().sort((a, b) => `${a.host} ${a.name}`.localeCompare(`${b.host} ${b.name}`));
};

const KEPT = /__prev_/;
export const isOf =
  (service: string) =>
  ({ name }: Seen): boolean =>
    name.startsWith(service);

/** `host name tag policy` of those that run, a line each. */
export const serving = (all: readonly Seen[], service: string): string[] =>
  all
    .filter(isOf(service))
    .filter(({ name, running }) => running && !KEPT.test(name))
    .map(({ host, name, tag, policy }) => `${host} ${name} ${tag} ${policy}`);

export const kept = (all: readonly Seen[], service: string): readonly Seen[] =>
  all.filter(isOf(service)).filter(({ name }) => KEPT.test(name));

/** Who must not move while a service is worked on: everybody else, by id and time of start. */
export const others = (all: readonly Seen[], service: string): string[] =>
  all
    .filter((one) => !isOf(service)(one))
    .map(({ host, name, id, startedAt }) => `${host} ${name} ${id.slice(0, 12)} ${startedAt}`);

const OWN: Readonly<Record<string, readonly Shape[]>> = {
  keystone: [SHAPES.keystone],
  cinder: [SHAPES.cinderApi, SHAPES.cinderScheduler, SHAPES.cinderVolume],
};

/** Names, modes and contents of a folder. */
const treeOf = async (folder: string): Promise<Record<string, string>> => {
  const files = (await readdir(folder)).sort();
  const entries = files.map(async (file) => {
    const { mode, uid, gid } = await stat(join(folder, file));
    const text = await readFile(join(folder, file), 'utf8');
    return [file, `${(mode & 0o777).toString(8)} ${uid}:${gid}\n${text}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
};

/** A service's folders in each host's /etc/kolla, and as they were rendered for a release. */
export const configsOf = async (
  service: string,
  release: Release,
): Promise<{ installed: unknown; rendered: unknown }> => {
  const places = (OWN[service] ?? []).flatMap((shape) =>
    HOSTS.filter((host) => shape.hosts.includes(host)).map((host) => ({ host, key: keyOf(shape) })),
  );
  const read = (folderOf: (host: (typeof HOSTS)[number]) => string) =>
    Promise.all(
      places.map(async ({ host, key }) => [`${host}/${key}`, await treeOf(join(folderOf(host), key))]),
    ).then((entries) => Object.fromEntries(entries) as unknown);
  return { installed: await read(etcOf), rendered: await read((host) => renderedOf(release, host)) };
};

/** The database's own mark of a service's schema. */
export const revisionOf = async (first: Host, service: string): Promise<string> => {
  const sql = `SELECT version_num FROM ${service}.alembic_version ORDER BY version_num`;
  const login = ['-h', ADDRESS.ctl1.api, '-uroot', `-p${PASSWORD}`, '-N', '-B'];
  return (await execIn(first, SHAPES.mariadb, ['mariadb', ...login, '-e', sql])).trim().split('\n').join(' ');
};
