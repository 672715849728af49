import type Docker from 'dockerode';
import { freePort } from '../../src/demo/free-port.js';
import { createApi } from '../cloud/container.js';
import { startProber } from '../prober/prober.js';
import { type Gap, gapOf, now } from '../prober/sample.js';
import type { Ground } from './stage.js';

/** What no tool can beat: both containers exist, one is stopped and the other one started, and nothing else. */
export type Floor = { forward(): Promise<Gap>; back(): Promise<Gap>; close(): Promise<void> };

export const openFloor = async ({ engine, identity }: Ground, startMs: number): Promise<Floor> => {
  const port = await freePort();
  const create = (build: 'old' | 'new') =>
    createApi(engine.docker, { identity, name: `floor_${build}`, build, port, startMs });
  const [old, fresh] = [await create('old'), await create('new')];
  await old.start();
  const prober = startProber(`http://127.0.0.1:${port}/`);

  const exchange = async (from: Docker.Container, to: Docker.Container, release: string): Promise<Gap> => {
    await prober.begin();
    const began = now();
    await from.stop({ t: 10 });
    await to.start();
    await prober.answers(release, began);
    return gapOf(await prober.take());
  };
  return {
    forward: () => exchange(old, fresh, 'new'),
    back: () => exchange(fresh, old, 'old'),
    close: async () => {
      await prober.stop();
      for (const container of [old, fresh]) await container.remove({ force: true });
    },
  };
};
