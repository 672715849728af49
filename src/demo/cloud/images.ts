import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Identity } from './identity.js';
import { rootFiles } from './root-files.js';
import { BUS, BUS_RELEASE, DEMO_CONTAINERS, DEMO_RELEASES, type DemoRelease } from './shape.js';
import { tarOf } from './tar.js';

type Wanted = { readonly image: string; readonly release: DemoRelease };

const WANTED: readonly Wanted[] = [
  { image: BUS.image, release: BUS_RELEASE },
  ...Object.values(DEMO_RELEASES).flatMap((release) =>
    DEMO_CONTAINERS.filter((container) => container !== BUS).map(({ image }) => ({ image, release })),
  ),
];

/** Reads an engine's progress stream to its end; failures come inside a 200. */
const finished = (docker: Docker, stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });

const importBase = async (
  docker: Docker,
  identity: Identity,
): Promise<{ ref: string; libraryPath: string }> => {
  const { entries, libraryPath } = await rootFiles();
  const tar = Readable.from(tarOf(entries));
  const stream = await docker.importImage(tar as unknown as NodeJS.ReadableStream as never, {
    repo: `${identity.namespace}/base`,
    tag: 'demo',
  });
  await finished(docker, stream);
  return { ref: `${identity.namespace}/base:demo`, libraryPath };
};

/** Dockerfile instructions; an image carries what Kolla's do (label names and variables), and whose demo made it. */
const changesOf = ({ image, release }: Wanted, identity: Identity, libraryPath: string): string =>
  [
    `ENV PATH=/usr/local/bin:/usr/bin LD_LIBRARY_PATH=${libraryPath} LANG=en_US.UTF-8 KOLLA_BASE_DISTRO=demo`,
    `ENV DEMO_RELEASE=${release.release}${release.broken ? ' DEMO_BROKEN=1' : ''}`,
    `LABEL maintainer="Stackswap demo" name="${image}" kolla_version="${release.kolla}" org.opencontainers.image.version="${release.tag}"`,
    ...Object.entries(identity.labels).map(([key, value]) => `LABEL ${key}="${value}"`),
    'CMD ["kolla_start"]',
  ].join('\n');

/** Builds every image of the demo without a download: one file system, and layers of settings on top of it. */
export const buildImages = async (docker: Docker, identity: Identity): Promise<void> => {
  const base = await importBase(docker, identity);
  const container = await docker.createContainer({
    name: `${identity.prefix}image_base`,
    Image: base.ref,
    Cmd: ['node'],
  });
  try {
    for (const wanted of WANTED)
      await container.commit({
        repo: `${identity.namespace}/${wanted.image}`,
        tag: wanted.release.tag,
        changes: changesOf(wanted, identity, base.libraryPath),
      });
  } finally {
    await container.remove({ force: true });
  }
};

export const refOf = (identity: Identity, image: string, release: DemoRelease): string =>
  `${identity.namespace}/${image}:${release.tag}`;
