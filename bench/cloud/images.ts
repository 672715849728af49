import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Identity } from '../../src/demo/cloud/identity.js';
import { rootFiles } from '../../src/demo/cloud/root-files.js';
import { tarOf } from '../../src/demo/cloud/tar.js';

/** Builds of one release, so that a swap crosses no release and runs no migration: only the swap is measured. */
export const BUILDS = ['old', 'new', 'no-program', 'no-user', 'dies', 'ill'] as const;
export type Build = (typeof BUILDS)[number];

export const tagOf = (build: Build): string => `2025.1-${build}`;

const SERVICE = ['CMD ["node", "/bench/service.mjs"]'];

/** What is wrong with the builds that shall fail, as Dockerfile instructions. */
const OWN: Readonly<Record<Build, readonly string[]>> = {
  old: SERVICE,
  new: SERVICE,
  'no-program': ['CMD ["/bench/nothing-here"]'],
  'no-user': [...SERVICE, 'USER nobody-has-this-name'],
  dies: [...SERVICE, 'ENV BENCH_DIES=1'],
  ill: [...SERVICE, 'ENV BENCH_ILL=1'],
};

const labelsOf = (identity: Identity): string[] =>
  Object.entries(identity.labels).map(([key, value]) => `LABEL ${key}="${value}"`);

const importBase = async (
  docker: Docker,
  identity: Identity,
): Promise<{ ref: string; libraries: string }> => {
  const { entries, libraryPath } = await rootFiles();
  const service = await readFile(new URL('./service.mjs', import.meta.url), 'utf8');
  const tar = Readable.from(tarOf([...entries, { path: 'bench/service.mjs', mode: 0o644, text: service }]));
  const place = { repo: `${identity.namespace}/base`, tag: 'bench' };
  const stream = await docker.importImage(tar as unknown as NodeJS.ReadableStream as never, place);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });
  return { ref: `${place.repo}:${place.tag}`, libraries: libraryPath };
};

export const refOf = (identity: Identity, build: Build): string =>
  `${identity.namespace}/placement-api:${tagOf(build)}`;

/** Builds the images without a download, as the demo does: this machine's node, and settings on top of it. */
export const buildImages = async (docker: Docker, identity: Identity): Promise<void> => {
  const base = await importBase(docker, identity);
  const container = await docker.createContainer({
    name: `${identity.prefix}image_base`,
    Image: base.ref,
    Cmd: ['node'],
  });
  try {
    for (const build of BUILDS)
      await container.commit({
        repo: `${identity.namespace}/placement-api`,
        tag: tagOf(build),
        changes: [
          `ENV PATH=/usr/local/bin:/usr/bin LD_LIBRARY_PATH=${base.libraries} BENCH_RELEASE=${build}`,
          ...labelsOf(identity),
          ...OWN[build],
        ].join('\n'),
      });
  } finally {
    await container.remove({ force: true });
  }
};
