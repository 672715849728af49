import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../setup/left-out.js';
import { type RealDocker, realDocker } from './real-docker.js';
import { sh, startOld, swapByHand } from './swap-by-hand.js';
import { NEW_IMAGE, twoImages } from './two-images.js';

const found = await realDocker('trip');
const missing = 'leftOut' in found ? found.leftOut : undefined;

describeUnless(missing, 'networks and volumes on a real engine', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;
  let images = { old: '', next: '' };

  beforeAll(async () => {
    images = await twoImages(real);
  });
  afterAll(() => real.cleanUp());

  it('keeps both networks with its static address, its aliases and nothing of the old id', async () => {
    const { name: front, subnet: frontNet } = await real.network('front');
    const { name: back, subnet: backNet } = await real.network('back');
    const { id } = await docker.createContainer({
      name: name('nets'),
      Image: images.old,
      HostConfig: { NetworkMode: front },
      NetworkingConfig: {
        EndpointsConfig: { [front]: { IPAMConfig: { IPv4Address: `${frontNet}.77` }, Aliases: ['api'] } },
      },
    });
    await docker.getNetwork(back).connect({
      Container: id,
      EndpointConfig: { IPAMConfig: { IPv4Address: `${backNet}.78` }, Aliases: ['db-side'] },
    });
    await docker.getContainer(id).start();
    const swapped = await swapByHand(real, id, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    const networks = swapped.after.NetworkSettings.Networks ?? {};
    expect(networks[front]?.IPAddress).toBe(`${frontNet}.77`);
    expect(networks[back]?.IPAddress).toBe(`${backNet}.78`);
    expect(networks[front]?.Aliases).toContain('api');
    expect([...(networks[front]?.Aliases ?? []), ...(networks[back]?.Aliases ?? [])]).not.toContain(
      id.slice(0, 12),
    );
  });

  it('keeps the data of its anonymous volumes, however they were asked for', async () => {
    const old = await startOld(docker, {
      name: name('anon'),
      Image: images.old,
      Volumes: { '/own-data/': {} },
      HostConfig: {
        Binds: ['/bare', `${name('named')}:/named`],
        Mounts: [{ Type: 'volume', Target: '/mounted', Source: '', ReadOnly: false }],
      },
    });
    const places = ['/image-data', '/own-data', '/bare', '/mounted', '/named'];
    for (const place of places) await sh(engine, old, `echo ${place} > ${place}/line`);
    const swapped = await swapByHand(real, old, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    for (const place of places) expect(await sh(engine, swapped.newId, `cat ${place}/line`)).toBe(place);
    const third = await swapByHand(
      real,
      swapped.newId,
      await real.image('app:3', [...NEW_IMAGE, 'VOLUME /third']),
    );
    expect(third.found).toEqual([]);
    for (const place of places) expect(await sh(engine, third.newId, `cat ${place}/line`)).toBe(place);
  });

  it('keeps an explicit MAC and pins no generated one', async () => {
    const { name: net } = await real.network('macs');
    const pinned = await startOld(docker, {
      name: name('mac'),
      Image: images.old,
      MacAddress: '02:00:00:aa:bb:cc',
      HostConfig: { NetworkMode: net },
    });
    const free = await startOld(docker, {
      name: name('nomac'),
      Image: images.old,
      HostConfig: { NetworkMode: net },
    });
    const swapped = await swapByHand(real, pinned, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    expect(await sh(engine, swapped.newId, 'cat /sys/class/net/eth0/address')).toBe('02:00:00:aa:bb:cc');
    const other = await swapByHand(real, free, images.next);
    expect(other.found).toEqual([]);
    expect(other.after.Config.MacAddress ?? '').toBe('');
  });
});
