import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOffSpec } from '../../src/engine/clone.js';
import { describeUnless } from '../setup/left-out.js';
import type { RealDocker } from './real-docker.js';
import { realDocker } from './real-docker.js';
import { must, sh, startOld, swapByHand } from './swap-by-hand.js';

const found = await realDocker('trip');
const missing = 'leftOut' in found ? found.leftOut : undefined;

const images = { old: '', next: '' };

const OLD_IMAGE = [
  'ENV PATH=/bin IMAGE_VERSION=1 SHARED=from-image-1 GONE=only-in-1',
  'CMD ["/bin/sh","-c","echo one; exec sleep 1000"]',
  'LABEL version=1 maker=image1',
  'USER 0',
  'WORKDIR /tmp',
  'EXPOSE 1111',
  'VOLUME /image-data',
  'STOPSIGNAL SIGKILL',
  'HEALTHCHECK --interval=40s --timeout=3s --retries=5 CMD /bin/true',
];
const NEW_IMAGE = [
  'ENV PATH=/bin IMAGE_VERSION=2 SHARED=from-image-2 FRESH=only-in-2',
  'CMD ["/bin/sh","-c","echo two; exec sleep 1000"]',
  'LABEL version=2 builder=image2',
  'USER 0',
  'WORKDIR /run',
  'EXPOSE 2222',
  'VOLUME /image-data',
  'STOPSIGNAL SIGTERM',
  'HEALTHCHECK --interval=50s --timeout=4s --retries=6 CMD /bin/busybox true',
];

describeUnless(missing, 'a container on a real engine', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;

  beforeAll(async () => {
    images.old = await real.image('app:1', OLD_IMAGE);
    images.next = await real.image('app:2', NEW_IMAGE);
  }, 60_000);
  afterAll(async () => {
    await real.cleanUp();
  }, 60_000);

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

  it('keeps both networks with its static address, its aliases and nothing of the old id', async () => {
    const [front, back] = [name('front'), name('back')];
    await docker.createNetwork({ Name: front, IPAM: { Config: [{ Subnet: '10.213.11.0/24' }] } });
    await docker.createNetwork({ Name: back, IPAM: { Config: [{ Subnet: '10.213.12.0/24' }] } });
    const { id } = await docker.createContainer({
      name: name('nets'),
      Image: images.old,
      HostConfig: { NetworkMode: front },
      NetworkingConfig: {
        EndpointsConfig: { [front]: { IPAMConfig: { IPv4Address: '10.213.11.77' }, Aliases: ['api'] } },
      },
    });
    await docker.getNetwork(back).connect({
      Container: id,
      EndpointConfig: { IPAMConfig: { IPv4Address: '10.213.12.78' }, Aliases: ['db-side'] },
    });
    await docker.getContainer(id).start();
    const swapped = await swapByHand(real, id, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    const networks = swapped.after.NetworkSettings.Networks ?? {};
    expect(networks[front]?.IPAddress).toBe('10.213.11.77');
    expect(networks[back]?.IPAddress).toBe('10.213.12.78');
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
    const net = name('macs');
    await docker.createNetwork({ Name: net });
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

  it('keeps everything at once, the container that other tools break', async () => {
    const [one, two] = [name('all1'), name('all2')];
    await docker.createNetwork({ Name: one, IPAM: { Config: [{ Subnet: '10.213.13.0/24' }] } });
    await docker.createNetwork({ Name: two, IPAM: { Config: [{ Subnet: '10.213.14.0/24' }] } });
    const { id } = await docker.createContainer({
      name: name('all'),
      Image: images.old,
      Hostname: 'everything',
      Domainname: 'example.test',
      Env: ['OWN=value', 'IMAGE_VERSION=pinned'],
      Labels: { own: 'label' },
      MacAddress: '02:00:00:00:13:07',
      ExposedPorts: { '3333/tcp': {} },
      Volumes: { '/anonymous': {} },
      StopSignal: 'SIGINT',
      StopTimeout: 3,
      Tty: true,
      OpenStdin: true,
      Healthcheck: { Test: ['CMD', '/bin/true'], Interval: 11e9 },
      NetworkingConfig: {
        EndpointsConfig: { [one]: { IPAMConfig: { IPv4Address: '10.213.13.9' }, Aliases: ['first'] } },
      },
      HostConfig: {
        NetworkMode: one,
        Binds: ['/etc:/host-etc:ro'],
        Mounts: [
          { Type: 'volume', Source: name('all-named'), Target: '/named' },
          {
            Type: 'tmpfs' as const,
            Source: '',
            Target: '/scratch',
            TmpfsOptions: { SizeBytes: 1048576, Mode: 0o700 },
          },
          {
            Type: 'bind',
            Source: '/usr',
            Target: '/host-usr',
            ReadOnly: true,
            BindOptions: { Propagation: 'rprivate' },
          },
        ],
        Tmpfs: { '/fast': 'size=65536k,mode=1777' },
        Ulimits: [{ Name: 'nofile', Soft: 2048, Hard: 4096 }],
        CapAdd: ['NET_ADMIN'],
        CapDrop: ['MKNOD'],
        SecurityOpt: ['no-new-privileges'],
        Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/zero2', CgroupPermissions: 'r' }],
        Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
        Memory: 128 * 1024 * 1024,
        CpuShares: 512,
        NanoCpus: 500_000_000,
        PidsLimit: 200,
        OomScoreAdj: 100,
        ShmSize: 1024 * 1024,
        ExtraHosts: ['controller:10.213.13.1'],
        Dns: ['10.213.13.1'],
        DnsSearch: ['example.test'],
        GroupAdd: ['29'],
        Init: true,
        PortBindings: { '3333/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
      },
    });
    await docker.getNetwork(two).connect({ Container: id, EndpointConfig: { Aliases: ['second'] } });
    await docker.getContainer(id).start();
    await sh(
      engine,
      id,
      'echo anonymous > /anonymous/line; echo image > /image-data/line; echo named > /named/line',
    );
    const sidecar = await startOld(docker, {
      name: name('all-side'),
      Image: images.old,
      HostConfig: { NetworkMode: `container:${id}` },
    });
    const swapped = await swapByHand(real, id, images.next);
    expect(swapped.found).toEqual([]);
    expect(swapped.foundKept).toEqual([]);
    expect(await sh(engine, swapped.newId, 'cat /anonymous/line /image-data/line /named/line')).toMatch(
      /anonymous\s+image\s+named/,
    );
    expect(swapped.after.Config.Env).toEqual([
      'OWN=value',
      'IMAGE_VERSION=pinned',
      'PATH=/bin',
      'SHARED=from-image-2',
      'FRESH=only-in-2',
    ]);
    expect(must(await engine.inspect(sidecar), 'the sidecar').State.Running).toBe(true);
  });

  it('lends its surroundings to a one-off container, whose exit code and log are read', async () => {
    const old = await startOld(docker, {
      name: name('like'),
      Image: images.old,
      Env: ['OWN=1', 'SHARED=mine'],
      Volumes: { '/state': {} },
      HostConfig: { NetworkMode: 'host', Binds: [`${name('like-logs')}:/var/log/kolla/`] },
    });
    await sh(engine, old, 'echo 41 > /state/revision');
    const like = must(await engine.inspect(old), 'the container');
    const image = must(await engine.image(like.Image), 'its image');
    const { apiVersion } = await engine.info();
    const script =
      'echo "$OWN $SHARED $IMAGE_VERSION" "${KOLLA_BOOTSTRAP-unset}." $(cat /state/revision); echo 42 > /state/revision; exit 3';
    const migration = await real.image('app:migration', [...NEW_IMAGE, `CMD ${script}`]);
    const spec = oneOffSpec({ like, image, newRef: migration, env: ['KOLLA_BOOTSTRAP='], apiVersion });
    const id = await engine.create(name('bootstrap'), spec);
    await engine.start(id);
    expect(await engine.wait(id, 20_000)).toBe(3);
    expect((await engine.logs(id, 10)).trim()).toBe('1 mine 2 . 41');
    expect(await sh(engine, old, 'cat /state/revision')).toBe('42');
    await engine.remove(id);
    expect(await engine.inspect(id)).toBeUndefined();
    expect(await sh(engine, old, 'cat /state/revision')).toBe('42');
  });
});
