import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import {
  FOLDER_LABEL,
  FOLDER_PREFIX,
  ID_LABEL,
  type Identity,
  identityOf,
  ownerOf,
  SIMULATED_PREFIX,
} from './identity.js';

const TRIES = 25;
const PAUSE_MS = 200;

const isGone = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 404;

/**
 * Removes until it is gone. Two demos that start at once clear away the same dead one, and the engine refuses what
 * somebody else is just removing.
 */
const untilGone = async (remove: () => Promise<unknown>): Promise<void> => {
  for (let left = TRIES; ; left -= 1) {
    try {
      await remove();
      return;
    } catch (error) {
      if (isGone(error)) return;
      if (left === 1) throw error;
      await sleep(PAUSE_MS);
    }
  }
};

/** References of the demo's images; a tag that was moved away leaves only the id. */
const imagesOf = async (docker: Docker, identity: Identity): Promise<string[]> => {
  const labelled = await docker.listImages({ filters: { label: [`${ID_LABEL}=${identity.id}`] } });
  const tagged = await docker.listImages({ filters: { reference: [`${identity.namespace}/*`] } });
  const names = [...labelled, ...tagged].flatMap(({ Id, RepoTags }) => {
    const own = (RepoTags ?? []).filter((ref) => ref.startsWith(`${identity.namespace}/`));
    return own.length > 0 ? own : [Id];
  });
  return [...new Set(names)];
};

/** By name, or by an image of the demo: what the bot created bears its own names. */
const containersOf = async (docker: Docker, identity: Identity): Promise<string[]> => {
  const all = await docker.listContainers({ all: true });
  return all
    .filter(
      ({ Names, Labels }) =>
        Names.some((name) => name.startsWith(`/${identity.prefix}`)) || Labels[ID_LABEL] === identity.id,
    )
    .map(({ Id }) => Id);
};

/** Removes a demo's containers, volumes, images and folder; whatever is gone already is no error. */
export const removeDemo = async (docker: Docker, identity: Identity): Promise<void> => {
  const containers = await containersOf(docker, identity);
  await Promise.all(containers.map((id) => untilGone(() => docker.getContainer(id).remove({ force: true }))));
  const { Volumes } = await docker.listVolumes({ filters: { label: [`${ID_LABEL}=${identity.id}`] } });
  await Promise.all(Volumes.map(({ Name }) => untilGone(() => docker.getVolume(Name).remove())));
  for (const ref of await imagesOf(docker, identity)) await untilGone(() => docker.getImage(ref).remove());
  await rm(identity.folder, { recursive: true, force: true });
};

const identitiesInFolders = async (prefix: string): Promise<Identity[]> => {
  const names = await readdir(tmpdir());
  return names.flatMap((name) => {
    const id = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    return /^[0-9a-f]{4}$/.test(id) ? [identityOf(id, join(tmpdir(), name))] : [];
  });
};

const identitiesOnEngine = async (docker: Docker): Promise<Identity[]> => {
  const [images, { Volumes }] = await Promise.all([
    docker.listImages({ filters: { label: [ID_LABEL] } }),
    docker.listVolumes({ filters: { label: [ID_LABEL] } }),
  ]);
  return [...images, ...Volumes].flatMap(({ Labels }) => {
    const id = Labels?.[ID_LABEL];
    const folder = Labels?.[FOLDER_LABEL];
    return id && folder ? [identityOf(id, folder)] : [];
  });
};

export type Leftover = { readonly identity: Identity; readonly kept: boolean };

/** Demos whose process is gone: killed ones, and those that were kept on purpose. */
export const leftovers = async (docker: Docker): Promise<Leftover[]> => {
  const found = [...(await identitiesInFolders(FOLDER_PREFIX)), ...(await identitiesOnEngine(docker))];
  const byId = new Map(found.map((identity) => [identity.id, identity]));
  const judged = await Promise.all(
    [...byId.values()].map(async (identity) => ({ identity, owner: await ownerOf(identity.folder) })),
  );
  return judged
    .filter(({ owner }) => owner === 'dead' || owner === 'kept')
    .map(({ identity, owner }) => ({ identity, kept: owner === 'kept' }));
};

/** Removes what killed demos left behind (and kept ones, where `kept` says so); returns their ids. */
export const removeLeftovers = async (docker: Docker, { kept }: { kept: boolean }): Promise<string[]> => {
  const found = (await leftovers(docker)).filter((one) => kept || !one.kept);
  for (const { identity } of found) await removeDemo(docker, identity);
  return found.map(({ identity }) => identity.id);
};

/** Folders of killed demos that had no engine. */
export const removeSimulatedLeftovers = async (): Promise<void> => {
  for (const { folder } of await identitiesInFolders(SIMULATED_PREFIX))
    if ((await ownerOf(folder)) === 'dead') await rm(folder, { recursive: true, force: true });
};
