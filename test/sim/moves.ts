import { cloneSpec, oneOffSpec } from '../../src/engine/clone.js';
import type { ContainerInspect, ImageInspect } from '../../src/engine/inspect.js';
import type { Engine } from '../../src/engine/port.js';
import type { KollaScene } from './kolla.js';

export const sure = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('it is not there');
  return value;
};

export const seen = async (
  engine: Engine,
  name: string,
): Promise<{ container: ContainerInspect; image: ImageInspect }> => {
  const container = sure(await engine.inspect(name));
  return { container, image: sure(await engine.image(container.Image)) };
};

/** The same container of another release, in place of the running one. */
export const moveTo = async (scene: KollaScene, name: string, release: string): Promise<string> => {
  const engine = scene.cloud.engine('node1');
  const { container, image } = await seen(engine, name);
  const { apiVersion, hostname } = await engine.info();
  const newRef = scene.ref(name, release);
  await engine.pull(newRef);
  const id = await engine.create(
    `${name}__next`,
    cloneSpec({ old: container, oldImage: image, newRef, apiVersion, engineHostname: hostname }),
  );
  await engine.stop(container.Id, 1);
  await engine.start(id);
  return id;
};

/** Runs a one-off container of a release, as a migration is run; answers with its exit code and log. */
export const migrate = async (
  scene: KollaScene,
  like: string,
  run: { release: string; env: string },
): Promise<{ exitCode: number; log: string }> => {
  const engine = scene.cloud.engine('node1');
  const { container, image } = await seen(engine, like);
  const newRef = scene.ref(like, run.release);
  await engine.pull(newRef);
  const spec = oneOffSpec({ like: container, image, newRef, env: [run.env], apiVersion: '1.41' });
  const id = await engine.create(`${like}_${run.env.toLowerCase()}_${run.release}`, spec);
  await engine.start(id);
  return { exitCode: await engine.wait(id, 60_000), log: await engine.logs(id, 10) };
};

/** The exit code of its own health check now. */
export const health = async (scene: KollaScene, id: string): Promise<number> => {
  const engine = scene.cloud.engine('node1');
  const [, command = ''] = sure(await engine.inspect(id)).Config.Healthcheck?.Test ?? [];
  return (await engine.exec(id, ['/bin/sh', '-c', command], 1_000)).exitCode;
};
