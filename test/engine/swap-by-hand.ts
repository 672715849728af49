import type Dockerode from 'dockerode';
import { cloneSpec } from '../../src/engine/clone.js';
import { differences } from '../../src/engine/compare.js';
import type { ContainerInspect } from '../../src/engine/inspect.js';
import type { Engine } from '../../src/engine/port.js';
import type { RealDocker } from './real-docker.js';

export const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what} is not there`);
  return value;
};

export type Swapped = {
  readonly oldId: string;
  readonly newId: string;
  readonly before: ContainerInspect;
  readonly after: ContainerInspect;
  /** By the written comparison, with the running old one as it was before. */
  readonly found: string[];
  /** By the written comparison, with the kept, stopped old one. */
  readonly foundKept: string[];
};

const compare = async (
  engine: Engine,
  before: ContainerInspect,
  after: ContainerInspect,
): Promise<string[]> => {
  const beforeImage = must(await engine.image(before.Image), 'the old image');
  const afterImage = must(await engine.image(after.Image), 'the new image');
  return differences({ before, after, beforeImage, afterImage });
};

export const startOld = async (
  docker: Dockerode,
  options: Dockerode.ContainerCreateOptions,
): Promise<string> => {
  const { id } = await docker.createContainer(options);
  await docker.getContainer(id).start();
  return id;
};

/**
 * Not every machine that runs tests lets a privileged container start, so a pair can be left unstarted.
 * Moves a container to another image the way the swap step does: create, stop, rename, rename, start, policy back.
 */
export const swapByHand = async (
  real: RealDocker,
  oldId: string,
  newRef: string,
  unstarted?: 'leave both unstarted',
): Promise<Swapped> => {
  const { engine } = real;
  const before = must(await engine.inspect(oldId), 'the old container');
  const name = before.Name.slice(1);
  const { apiVersion, hostname } = await engine.info();
  const oldImage = must(await engine.image(before.Image), 'the old image');
  const newId = await engine.create(
    `${name}__swap`,
    cloneSpec({ old: before, oldImage, newRef, apiVersion, engineHostname: hostname }),
  );
  await engine.setRestartPolicy(oldId, { Name: 'no', MaximumRetryCount: 0 });
  await engine.stop(oldId, 0);
  await engine.rename(oldId, `${name}__prev_${oldId.slice(0, 6)}`);
  await engine.rename(newId, name);
  if (!unstarted) await engine.start(newId);
  const { Name, MaximumRetryCount } = before.HostConfig.RestartPolicy;
  if (Name !== '' && Name !== 'no') await engine.setRestartPolicy(newId, { Name, MaximumRetryCount });
  const after = must(await engine.inspect(newId), 'the new container');
  const kept = must(await engine.inspect(oldId), 'the kept container');
  const keptAsBefore = {
    ...kept,
    Name: after.Name,
    HostConfig: { ...kept.HostConfig, RestartPolicy: before.HostConfig.RestartPolicy },
  };
  return {
    oldId,
    newId,
    before,
    after,
    found: await compare(engine, before, after),
    foundKept: await compare(engine, keptAsBefore, after),
  };
};

export const sh = async (engine: Engine, id: string, script: string): Promise<string> => {
  const { exitCode, output } = await engine.exec(id, ['/bin/sh', '-c', script], 10_000);
  if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}: ${output}`);
  return output.trim();
};
