import { readFile, realpath } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Identity } from '../../src/demo/cloud/identity.js';
import { librariesOf, rootFiles } from '../../src/demo/cloud/root-files.js';
import { type TarEntry, tarOf } from '../../src/demo/cloud/tar.js';

export const HAPROXY = '/usr/sbin/haproxy';
export const SOCAT = '/usr/bin/socat';
export const BUSYBOX = '/bin/busybox';
export const SOCKET = '/var/lib/kolla/haproxy/haproxy.sock';

/** Two builds of one release: no migration is in the way of the swap. */
export const BUILDS = ['old', 'new'] as const;
export const tagOf = (build: (typeof BUILDS)[number]): string => `2025.1-${build}`;

export const refOf = (identity: Identity, image: string, tag: string): string =>
  `${identity.namespace}/${image}:${tag}`;

const importAs = async (docker: Docker, ref: string, entries: readonly TarEntry[]): Promise<void> => {
  const [repo, tag] = [ref.slice(0, ref.lastIndexOf(':')), ref.slice(ref.lastIndexOf(':') + 1)];
  const tar = Readable.from(tarOf(entries)) as unknown as NodeJS.ReadableStream;
  const stream = await docker.importImage(tar as never, { repo, tag });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });
};

/** Settings on top of an imported file system. */
const withSettings = async (
  docker: Docker,
  identity: Identity,
  image: { base: string; name: string; tag: string; changes: readonly string[] },
): Promise<void> => {
  const labels = Object.entries(identity.labels).map(([key, value]) => `LABEL ${key}="${value}"`);
  const container = await docker.createContainer({
    name: `${identity.prefix}image_base`,
    Image: image.base,
    Cmd: ['none'],
  });
  try {
    await container.commit({
      repo: `${identity.namespace}/${image.name}`,
      tag: image.tag,
      changes: [...image.changes, ...labels].join('\n'),
    });
  } finally {
    await container.remove({ force: true });
  }
};

const program = async (path: string): Promise<TarEntry[]> => {
  const files = [path, ...(await librariesOf(path))];
  return Promise.all(
    files.map(async (file) => ({ path: file.slice(1), mode: 0o755, from: await realpath(file) })),
  );
};

/** Debian's haproxy and socat with their libraries, and what the scripts of src/balancer/socket.ts call. */
const haproxyFiles = async (): Promise<readonly TarEntry[]> => {
  const all = [...(await program(HAPROXY)), ...(await program(SOCAT))];
  const applets = ['sh', 'cut', 'sed'].map((name) => ({ path: `bin/${name}`, mode: 0o755, from: BUSYBOX }));
  return [
    { path: 'tmp/', mode: 0o1777 },
    { path: `${SOCKET.slice(1, SOCKET.lastIndexOf('/'))}/`, mode: 0o755 },
    { path: 'etc/passwd', mode: 0o644, text: 'root:x:0:0:root:/root:/bin/false\n' },
    ...all.filter(({ path }, index) => all.findIndex((other) => other.path === path) === index),
    ...applets,
  ];
};

/** Builds the images of both APIs and of HAProxy from this machine's programs, without a download. */
export const buildImages = async (docker: Docker, identity: Identity): Promise<void> => {
  const { entries, libraryPath } = await rootFiles();
  const api = await readFile(new URL('./api.mjs', import.meta.url), 'utf8');
  const base = refOf(identity, 'balancer-base', '1');
  await importAs(docker, base, [...entries, { path: 'api.mjs', mode: 0o644, text: api }]);
  for (const build of BUILDS)
    await withSettings(docker, identity, {
      base,
      name: 'placement-api',
      tag: tagOf(build),
      changes: [
        `ENV PATH=/usr/local/bin:/usr/bin LD_LIBRARY_PATH=${libraryPath} API_RELEASE=${build}`,
        'CMD ["node", "/api.mjs"]',
      ],
    });
  const haproxyBase = refOf(identity, 'haproxy-base', '1');
  await importAs(docker, haproxyBase, await haproxyFiles());
  await withSettings(docker, identity, {
    base: haproxyBase,
    name: 'haproxy',
    tag: '1',
    changes: [
      'ENV PATH=/usr/sbin:/usr/bin:/bin',
      `CMD ["sh", "-c", "printf '%s' \\"$HAPROXY_CFG\\" > /tmp/haproxy.cfg && exec haproxy -W -db -f /tmp/haproxy.cfg"]`,
    ],
  });
};
