import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type Identity, newIdentity, ownerOf } from '../../src/demo/cloud/identity.js';
import { removeDemo } from '../../src/demo/cloud/removal.js';

const FOLDER_PREFIX = 'stackswap-bench-';

/** The demo's way of knowing its own things again, under names of the bench. */
const asBench = (identity: Identity): Identity => ({
  ...identity,
  prefix: `bench_${identity.id}_`,
  namespace: `stackswap-bench-${identity.id}`,
});

export const newBenchIdentity = async (): Promise<Identity> => asBench(await newIdentity(FOLDER_PREFIX));

/** Removes what a killed bench left behind. */
export const removeKilled = async (docker: Docker): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const id = name.startsWith(FOLDER_PREFIX) ? name.slice(FOLDER_PREFIX.length) : '';
    const folder = join(tmpdir(), name);
    if (!/^[0-9a-f]{4}$/.test(id) || (await ownerOf(folder)) !== 'dead') continue;
    await removeDemo(docker, asBench({ id, folder, prefix: '', namespace: '', labels: {} }));
  }
};
