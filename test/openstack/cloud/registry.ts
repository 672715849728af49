import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NAMESPACE, REGISTRY, RUN } from '../places.js';
import { startDaemon, stopDaemon } from './daemon.js';
import { program } from './program.js';

const API = `http://${REGISTRY}/v2`;
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

const answers = async (): Promise<boolean> =>
  (await fetch(`${API}/`, { signal: AbortSignal.timeout(2_000) })).ok;

/** Debian's docker-registry over one folder, without a password, on loopback. */
export const startRegistry = async (folder: string): Promise<void> => {
  const file = join(RUN, 'registry.yml');
  await mkdir(RUN, { recursive: true });
  await writeFile(
    file,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: REGISTRY },
    }),
  );
  await startDaemon({
    name: 'registry',
    command: 'docker-registry',
    words: ['serve', file],
    ready: answers,
  });
};

export const stopRegistry = (): Promise<void> => stopDaemon('registry');

export type Layer = {
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
  readonly diffId: string;
};

const requireOk = async (what: string, answer: Response): Promise<Response> => {
  if (!answer.ok) throw new Error(`the registry refused ${what}: ${answer.status} ${await answer.text()}`);
  return answer;
};

const uploadTo = async (repository: string, query = ''): Promise<{ place: URL; mounted: boolean }> => {
  const answer = await requireOk(
    `an upload to ${repository}`,
    await fetch(`${API}/${NAMESPACE}/${repository}/blobs/uploads/${query}`, { method: 'POST' }),
  );
  return { place: new URL(answer.headers.get('location') ?? '', API), mounted: answer.status === 201 };
};

const putBytes = async (repository: string, bytes: Buffer): Promise<string> => {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const { place } = await uploadTo(repository);
  place.searchParams.set('digest', digest);
  await requireOk('a configuration', await fetch(place, { method: 'PUT', body: new Uint8Array(bytes) }));
  return digest;
};

/** Some 300 MB: curl streams the file, and nothing of it is held in memory. */
export const putLayer = async (repository: string, layer: Layer): Promise<void> => {
  const { place } = await uploadTo(repository);
  place.searchParams.set('digest', layer.digest);
  await program('curl', [
    '-fsS',
    '-o',
    '/dev/null',
    '-H',
    'Content-Type: application/octet-stream',
    '-T',
    layer.file,
    place.href,
  ]);
};

/** Puts an image of one layer under a tag; `from` is the repository that has the layer already. */
export const putImage = async (
  place: { readonly repository: string; readonly tag: string; readonly from: string },
  layer: Layer,
  config: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const { repository, tag, from } = place;
  if (repository !== from) {
    const { mounted } = await uploadTo(repository, `?mount=${layer.digest}&from=${NAMESPACE}/${from}`);
    if (!mounted) throw new Error(`the registry did not take the layer of ${from} over to ${repository}`);
  }
  const body = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: body.length, digest: await putBytes(repository, body) },
    layers: [{ mediaType: LAYER, size: layer.bytes, digest: layer.digest }],
  };
  await requireOk(
    `${repository}:${tag}`,
    await fetch(`${API}/${NAMESPACE}/${repository}/manifests/${tag}`, {
      method: 'PUT',
      headers: { 'content-type': MANIFEST },
      body: JSON.stringify(manifest),
    }),
  );
};
