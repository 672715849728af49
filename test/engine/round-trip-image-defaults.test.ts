import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../setup/left-out.js';
import { type RealDocker, realDocker } from './real-docker.js';
import { startOld, swapByHand } from './swap-by-hand.js';
import { twoImages } from './two-images.js';

const found = await realDocker('trip');
const missing = 'leftOut' in found ? found.leftOut : undefined;

describeUnless(missing, 'defaults of images on a real engine', () => {
  const real = found as RealDocker;
  const { docker, name } = real;
  let images = { old: '', next: '' };

  beforeAll(async () => {
    images = await twoImages(real);
  });
  afterAll(() => real.cleanUp());

  it('takes the new image’s healthcheck, and keeps only the fields that were its own', async () => {
    const inherited = await swapByHand(
      real,
      await startOld(docker, { name: name('hc1'), Image: images.old }),
      images.next,
    );
    expect(inherited.found).toEqual([]);
    expect(inherited.after.Config.Healthcheck).toEqual({
      Test: ['CMD-SHELL', '/bin/busybox true'],
      Interval: 50e9,
      Timeout: 4e9,
      Retries: 6,
    });
    const half = await startOld(docker, {
      name: name('hc2'),
      Image: images.old,
      Healthcheck: { Interval: 7e9 },
    });
    const mixed = await swapByHand(real, half, images.next);
    expect(mixed.found).toEqual([]);
    expect(mixed.after.Config.Healthcheck).toMatchObject({
      Test: ['CMD-SHELL', '/bin/busybox true'],
      Interval: 7e9,
      Retries: 6,
    });
    const off = await startOld(docker, {
      name: name('hc3'),
      Image: images.old,
      Healthcheck: { Test: ['NONE'] },
    });
    const none = await swapByHand(real, off, images.next);
    expect(none.found).toEqual([]);
    expect(none.after.Config.Healthcheck?.Test).toEqual(['NONE']);
  });

  it('keeps its own environment, labels, user and command where they override the image’s', async () => {
    const old = await startOld(docker, {
      name: name('over'),
      Image: images.old,
      Env: ['SHARED=mine', 'OWN=1', 'GONE'],
      Labels: { maker: 'me', team: 'storage' },
      User: '65534',
      Cmd: ['/bin/sh', '-c', 'exec sleep 2000'],
      Hostname: 'fixed',
      StopTimeout: 7,
    });
    const { after, found: differing } = await swapByHand(real, old, images.next);
    expect(differing).toEqual([]);
    expect(after.Config.Env).toEqual([
      'SHARED=mine',
      'OWN=1',
      'GONE',
      'PATH=/bin',
      'IMAGE_VERSION=2',
      'FRESH=only-in-2',
    ]);
    expect(after.Config.Labels).toEqual({ maker: 'me', team: 'storage', version: '2', builder: 'image2' });
    expect(after.Config).toMatchObject({ User: '65534', Hostname: 'fixed', StopTimeout: 7 });
    expect(after.Config.Cmd).toEqual(['/bin/sh', '-c', 'exec sleep 2000']);
  });

  it('keeps an own entrypoint without the image’s command, and a cleared one cleared', async () => {
    const withEntrypoint = await real.image('entry:1', [
      'ENTRYPOINT ["/bin/sh","-c"]',
      'CMD ["exec sleep 1000"]',
    ]);
    const next = await real.image('entry:2', [
      'ENTRYPOINT ["/bin/busybox","sh","-c"]',
      'CMD ["exec sleep 3000"]',
    ]);
    const own = await startOld(docker, {
      name: name('ep1'),
      Image: withEntrypoint,
      Entrypoint: ['/bin/sleep', '500'],
    });
    const first = await swapByHand(real, own, next);
    expect(first.found).toEqual([]);
    expect([first.after.Config.Entrypoint, first.after.Config.Cmd ?? []]).toEqual([
      ['/bin/sleep', '500'],
      [],
    ]);
    const cleared = await startOld(docker, {
      name: name('ep2'),
      Image: withEntrypoint,
      Entrypoint: [''],
      Cmd: ['/bin/sleep', '600'],
    });
    const second = await swapByHand(real, cleared, next);
    expect(second.found).toEqual([]);
    expect([second.after.Config.Entrypoint ?? [], second.after.Config.Cmd]).toEqual([
      [],
      ['/bin/sleep', '600'],
    ]);
    const plain = await swapByHand(
      real,
      await startOld(docker, { name: name('ep3'), Image: withEntrypoint }),
      next,
    );
    expect(plain.found).toEqual([]);
    expect(plain.after.Config.Cmd).toEqual(['exec sleep 3000']);
  });
});
