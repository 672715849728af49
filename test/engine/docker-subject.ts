import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { Subject } from './contract.js';
import type { RealDocker } from './real-docker.js';

/** Commands of an image that has a shell. */
const programs: Pick<Subject, 'idle' | 'say' | 'last'> = {
  idle: ['sleep', '600'],
  say: (lines, exitCode) => [
    'sh',
    '-c',
    [...lines.map((line) => `echo ${line}`), `exit ${exitCode}`].join('; '),
  ],
  last: (ms) => ['sleep', String(ms / 1_000)],
};

/** Some free subnet, since those of other runs are not known; the engine refuses one that overlaps. */
const makeNetwork = async (docker: Dockerode, name: string): Promise<{ name: string; subnet: string }> => {
  for (let third = 0; third < 250; third += 1) {
    const subnet = `10.91.${third}`;
    try {
      await docker.createNetwork({ Name: name, IPAM: { Config: [{ Subnet: `${subnet}.0/24` }] } });
      return { name, subnet };
    } catch (error) {
      if (!String(error).includes('overlaps')) throw error;
    }
  }
  throw new Error(`no free subnet for ${name}`);
};

/** A real engine as the contract's subject. What it removes bears its prefix, or was made by what bears it. */
export const dockerSubject = async (real: RealDocker): Promise<Subject> => {
  try {
    return await subjectOf(real);
  } catch (error) {
    await real.cleanUp();
    throw error;
  }
};

const subjectOf = async (real: RealDocker): Promise<Subject> => {
  const { docker, engine } = real;
  const prefix = real.name('contract');
  const image = await real.image('talker', [
    'ENV LANG=C',
    'LABEL of=image',
    'VOLUME /data',
    'HEALTHCHECK --interval=600s --retries=4 CMD ["true"]',
    'CMD ["sleep", "600"]',
  ]);
  const first = await makeNetwork(docker, `${prefix}-a`);
  const second = await makeNetwork(docker, `${prefix}-b`);
  const folders: string[] = [];
  const leftVolumes = new Set<string>();

  const clean = async (): Promise<void> => {
    const all = await docker.listContainers({ all: true });
    const ours = all.filter((one) => one.Names.some((name) => name.startsWith(`/${prefix}-`)));
    for (const { Id } of ours) {
      const { Mounts } = await docker.getContainer(Id).inspect();
      for (const mount of Mounts) if (mount.Name !== undefined) leftVolumes.add(mount.Name);
      await docker.getContainer(Id).remove({ force: true });
    }
    for (const volume of leftVolumes) await docker.getVolume(volume).remove();
    leftVolumes.clear();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  };

  return {
    engine,
    prefix,
    image: `${image}:latest`,
    ...programs,
    networks: [first.name, second.name],
    address: `${first.subnet}.44`,
    unknownRef: `127.0.0.1:1/${prefix}/nobody:knows`,
    folder: () => {
      const made = mkdtempSync(join(tmpdir(), 'stackswap-contract-'));
      folders.push(made);
      return made;
    },
    volumes: async () => (await docker.listVolumes()).Volumes.map((volume) => volume.Name),
    made: (volumes) => {
      for (const volume of volumes) leftVolumes.add(volume);
    },
    clean,
    close: () => real.cleanUp(),
  };
};
