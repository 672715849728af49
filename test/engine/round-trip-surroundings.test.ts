import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../setup/left-out.js';
import { type RealDocker, realDocker } from './real-docker.js';
import { sh, startOld, swapByHand } from './swap-by-hand.js';
import { twoImages } from './two-images.js';

const found = await realDocker('trip');
const missing = 'leftOut' in found ? found.leftOut : undefined;

describeUnless(missing, 'the surroundings of a container on a real engine', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;
  let images = { old: '', next: '' };

  beforeAll(async () => {
    images = await twoImages(real);
  });
  afterAll(() => real.cleanUp());

  it('keeps its configuration as a host-network API, and takes what is the new image’s', async () => {
    const old = await startOld(docker, {
      name: name('api'),
      Image: images.old,
      Env: ['KOLLA_SERVICE_NAME=cinder-api', 'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS'],
      Healthcheck: {
        Test: ['CMD-SHELL', 'true'],
        Interval: 30e9,
        Timeout: 30e9,
        Retries: 3,
        StartPeriod: 5e9,
      },
      HostConfig: {
        NetworkMode: 'host',
        Binds: ['/etc:/var/lib/kolla/config_files/:ro', `${name('logs')}:/var/log/kolla/`],
        RestartPolicy: { Name: 'unless-stopped' },
      },
    });
    await sh(engine, old, 'echo kept > /var/log/kolla/line');
    const swapped = await swapByHand(real, old, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    expect(swapped.after.Config.Env).toEqual([
      'KOLLA_SERVICE_NAME=cinder-api',
      'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS',
      'PATH=/bin',
      'IMAGE_VERSION=2',
      'SHARED=from-image-2',
      'FRESH=only-in-2',
    ]);
    expect(swapped.after.Config).toMatchObject({ WorkingDir: '/run', StopSignal: 'SIGTERM' });
    expect(swapped.after.Config.Cmd).toEqual(['/bin/sh', '-c', 'echo two; exec sleep 1000']);
    expect(swapped.after.Config.Labels).toEqual({ version: '2', builder: 'image2' });
    expect(swapped.after.HostConfig.Binds).toEqual(swapped.before.HostConfig.Binds);
    expect(await sh(engine, swapped.newId, 'cat /var/log/kolla/line')).toBe('kept');
  });

  const AGENT = {
    NetworkMode: 'host',
    PidMode: 'host',
    IpcMode: 'host',
    UTSMode: 'host',
    CgroupnsMode: 'host' as const,
    Binds: ['/run:/run:rw', '/run/lock/:/run/lock/', '/lib/modules:/lib/modules:ro'],
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/xnull', CgroupPermissions: 'rwm' }],
  };

  it('keeps capabilities, devices, binds of /run and the host’s namespaces as an agent', async () => {
    const HostConfig = { ...AGENT, CapAdd: ['NET_ADMIN', 'SYS_ADMIN'], SecurityOpt: ['seccomp=unconfined'] };
    const old = await startOld(docker, { name: name('agent'), Image: images.old, HostConfig });
    const swapped = await swapByHand(real, old, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    expect(swapped.after.HostConfig).toMatchObject({
      PidMode: 'host',
      IpcMode: 'host',
      UTSMode: 'host',
      Binds: AGENT.Binds,
    });
    expect(await sh(engine, swapped.newId, 'test -c /dev/xnull && readlink /proc/self/ns/net')).toBe(
      readlinkSync('/proc/self/ns/net'),
    );
  });

  it('keeps being privileged', async () => {
    const HostConfig = { ...AGENT, Privileged: true, Binds: [...AGENT.Binds, '/dev:/dev'] };
    const { id } = await docker.createContainer({ name: name('privileged'), Image: images.old, HostConfig });
    const swapped = await swapByHand(real, id, images.next, 'leave both unstarted');
    expect(swapped.found).toEqual([]);
    expect(swapped.after.HostConfig.Privileged).toBe(true);
    expect(swapped.after.HostConfig.SecurityOpt).toEqual(swapped.before.HostConfig.SecurityOpt);
  });

  it('stays in the network namespace of another container', async () => {
    const target = await startOld(docker, {
      name: name('target'),
      Image: images.old,
      Hostname: 'the-target',
    });
    const side = await startOld(docker, {
      name: name('side'),
      Image: images.old,
      HostConfig: { NetworkMode: `container:${name('target')}`, PidMode: `container:${target}` },
    });
    const swapped = await swapByHand(real, side, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    expect(await sh(engine, swapped.newId, 'cat /sys/class/net/eth0/address')).toBe(
      await sh(engine, target, 'cat /sys/class/net/eth0/address'),
    );
  });
});
