import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Release, STATE, SUITE, tagOf } from '../places.js';
import { program } from './program.js';
import { type Layer, putImage, putLayer, startRegistry, stopRegistry } from './registry.js';

const TOOLS = ['curl', 'sudo', 'iproute2', 'procps', 'dumb-init', 'socat'];
const OPENSTACK = [
  ...['keystone', 'cinder-api', 'cinder-scheduler', 'cinder-volume'],
  ...['python3-pymysql', 'python3-pymemcache', 'uwsgi-core', 'uwsgi-plugin-python3'],
];
const AROUND = ['mariadb-server', 'rabbitmq-server', 'haproxy', 'memcached'];

/** Images by name, each with the user that Kolla's has. What stands around OpenStack stays at Zed. */
const SERVICES: Readonly<Record<string, string>> = {
  keystone: 'root',
  'cinder-api': 'cinder',
  'cinder-scheduler': 'cinder',
  'cinder-volume': 'cinder',
};
const AROUND_IMAGES: Readonly<Record<string, string>> = {
  'mariadb-server': 'mysql',
  rabbitmq: 'rabbitmq',
  haproxy: 'root',
  memcached: 'memcache',
};

const packagesOf = (release: Release): readonly string[] =>
  release === 'zed' ? [...OPENSTACK, ...TOOLS, ...AROUND] : [...OPENSTACK, ...TOOLS];
const imagesOf = (release: Release): Readonly<Record<string, string>> =>
  release === 'zed' ? { ...SERVICES, ...AROUND_IMAGES } : SERVICES;

const RELEASES: readonly Release[] = ['zed', '2025.1'];
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Digest of all that decides what is in the images; the mirrors' newest packages are taken when one of it changes. */
const contentHash = async (): Promise<string> => {
  const inputs = [
    ...['images.ts', 'registry.ts', 'root.sh', 'users.sh'].map(here),
    ...(await readdir(here('../image'))).map((name) => here(`../image/${name}`)),
  ];
  const hash = createHash('sha256');
  for (const file of inputs.toSorted((a, b) => a.localeCompare(b)))
    hash.update(await readFile(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
};

const digestIn = async (file: string): Promise<string> =>
  `sha256:${(await readFile(file, 'utf8')).trim().slice(0, 64)}`;

const buildLayer = async (release: Release, folder: string): Promise<Layer> => {
  await program(here('root.sh'), [SUITE[release], folder, ...packagesOf(release)]);
  const file = join(folder, 'layer.tar.gz');
  return {
    file,
    bytes: (await stat(file)).size,
    digest: await digestIn(join(folder, 'digest')),
    diffId: await digestIn(join(folder, 'diff_id')),
  };
};

const configOf = (image: string, user: string, release: Release) => ({
  User: user,
  Entrypoint: ['dumb-init', '--single-child', '--'],
  Cmd: ['kolla_start'],
  Env: [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'LANG=C.UTF-8',
    'KOLLA_BASE_DISTRO=debian',
    'KOLLA_INSTALL_TYPE=binary',
    'PYTHONUNBUFFERED=1',
    `KOLLA_IMAGE=${image}`,
  ],
  Labels: { name: image, kolla_version: 'debian-packages', openstack_release: release },
});

const publish = async (release: Release, layer: Layer): Promise<void> => {
  const images = Object.entries(imagesOf(release));
  const [from = ''] = images[0] ?? [];
  await putLayer(from, layer);
  for (const [image, user] of images)
    await putImage({ repository: image, tag: tagOf(release), from }, layer, configOf(image, user, release));
};

/** Removes the images of other contents. */
const removeOthers = async (keep: string): Promise<void> => {
  for (const name of await readdir(STATE))
    if (/^images-[0-9a-f]{16}$/.test(name) && name !== keep)
      await rm(join(STATE, name), { recursive: true, force: true });
};

/**
 * Starts the registry with the images of both releases in it, and builds them first where they are not there: one root
 * file system of Debian packages for each release, both at a time, which all images of the release share as their layer.
 */
export const serveImages = async (say: (line: string) => void): Promise<void> => {
  const name = `images-${await contentHash()}`;
  const folder = join(STATE, name);
  const complete = join(folder, 'complete');
  await mkdir(STATE, { recursive: true });
  if (!existsSync(complete)) {
    await rm(folder, { recursive: true, force: true });
    say('building the images of both releases from Debian packages');
  }
  await mkdir(folder, { recursive: true });
  await startRegistry(join(folder, 'registry'));
  if (existsSync(complete)) return;
  try {
    await Promise.all(
      RELEASES.map(async (release) => {
        const work = join(folder, `work-${release}`);
        await publish(release, await buildLayer(release, work));
        await rm(work, { recursive: true, force: true });
      }),
    );
    await writeFile(complete, '');
  } catch (error) {
    await stopRegistry();
    throw error;
  }
  await removeOthers(name);
};
