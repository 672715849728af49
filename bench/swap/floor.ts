import type Docker from 'dockerode';
import { freePort } from '../../src/demo/free-port.js';
import { createApi } from '../cloud/container.js';
import type { Build } from '../cloud/images.js';
import { startProber } from '../prober/prober.js';
import { type Gap, gapOf, now } from '../prober/sample.js';
import type { Ground } from './stage.js';

/** What no tool can beat: both containers exist, one is stopped and the other one started, and nothing else. */
export type Floor = { forward(): Promise<Gap>; back(): Promise<Gap>; close(): Promise<void> };

export const openFloor = async ({ engine, identity }: Ground, startMs: number): Promise<Floor> => {
  const port = await freePort();
  const create = (build: Build) =>
    createApi(engine.docker, { identity, name: `floor_${build}`, build, port, startMs });
  const old = await create('old');
  await old.start();
  const prober = startProber(`http://127.0.0.1:${port}/`);
  let fresh: Docker.Container | undefined;

  const exchange = async (from: Docker.Container, to: Docker.Container, release: Build): Promise<Gap> => {
    await prober.begin();
    const began = now();
    await from.stop({ t: 10 });
    await to.start();
    await prober.answers(release, began);
    return gapOf(await prober.take());
  };
  return {
    // A container's first start is slower than its later ones, so every round has a new one, as every upgrade has.
    forward: async () => {
      fresh = await create('new');
      return exchange(old, fresh, 'new');
    },
    back: async () => {
      if (!fresh) throw new Error('the floor goes back only after it went forward');
      const gap = await exchange(fresh, old, 'old');
      await fresh.remove({ force: true });
      fresh = undefined;
      return gap;
    },
    close: async () => {
      await prober.stop();
      for (const container of [old, fresh]) await container?.remove({ force: true });
    },
  };
};
