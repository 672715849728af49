import { afterAll, beforeAll, expect, it } from 'vitest';
import { cloneSpec } from '../../src/engine/clone.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { must, sh, startOld, swapByHand } from '../engine/swap-by-hand.js';
import { twoImages } from '../engine/two-images.js';
import { describeUnless } from '../setup/left-out.js';

const found = await realDocker('newer');
const missing = 'leftOut' in found ? found.leftOut : undefined;

const MACS = { front: '02:00:00:aa:bb:01', back: '02:00:00:aa:bb:02' };

describeUnless(missing, 'what an engine with API 1.44 or newer can do', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;
  let images = { old: '', next: '' };
  beforeAll(async () => {
    images = await twoImages(real);
  });
  afterAll(() => real.cleanUp());

  it('keeps the MACs of two networks, which are joined by the create alone', async () => {
    const { name: front } = await real.network('front');
    const { name: back } = await real.network('back');
    const old = await startOld(docker, {
      name: name('macs'),
      Image: images.old,
      HostConfig: { NetworkMode: front },
      NetworkingConfig: {
        EndpointsConfig: {
          [front]: { MacAddress: MACS.front, Aliases: ['api'] },
          [back]: { MacAddress: MACS.back },
        },
      },
    });
    const before = must(await engine.inspect(old), 'the old container');
    const oldImage = must(await engine.image(before.Image), 'the old image');
    const { apiVersion, hostname } = await engine.info();
    const request = { old: before, oldImage, newRef: images.next, apiVersion, engineHostname: hostname };
    expect(cloneSpec(request).connect).toEqual([]);
    const swapped = await swapByHand(real, old, images.next);
    expect([swapped.found, swapped.foundKept]).toEqual([[], []]);
    const addresses = await sh(engine, swapped.newId, 'cat /sys/class/net/eth*/address');
    expect(new Set(addresses.split('\n'))).toEqual(new Set(Object.values(MACS)));
  });

  it('keeps a healthcheck that looks more often while the container starts', async () => {
    const old = await startOld(docker, {
      name: name('check'),
      Image: images.old,
      HostConfig: { NetworkMode: 'none' },
      Healthcheck: {
        Test: ['CMD', 'true'],
        Interval: 30e9,
        StartPeriod: 20e9,
        // @types/dockerode does not know it yet.
        ...{ StartInterval: 2e9 },
      },
    });
    const swapped = await swapByHand(real, old, images.next);
    expect([swapped.found, swapped.foundKept]).toEqual([[], []]);
    expect(swapped.after.Config.Healthcheck).toMatchObject({ StartInterval: 2e9, StartPeriod: 20e9 });
  });
});
