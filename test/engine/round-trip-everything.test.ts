import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOffSpec } from '../../src/engine/clone.js';
import { describeUnless } from '../setup/left-out.js';
import { type RealDocker, realDocker } from './real-docker.js';
import { must, sh, startOld, swapByHand } from './swap-by-hand.js';
import { NEW_IMAGE, twoImages } from './two-images.js';

const found = await realDocker('trip');
const missing = 'leftOut' in found ? found.leftOut : undefined;

describeUnless(missing, 'a whole container on a real engine', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;
  let images = { old: '', next: '' };

  beforeAll(async () => {
    images = await twoImages(real);
  });
  afterAll(() => real.cleanUp());

  it('keeps everything at once, the container that other tools break', async () => {
    const { name: one, subnet } = await real.network('all1');
    const { name: two } = await real.network('all2');
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
        EndpointsConfig: { [one]: { IPAMConfig: { IPv4Address: `${subnet}.9` }, Aliases: ['first'] } },
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
        ExtraHosts: [`controller:${subnet}.1`],
        Dns: [`${subnet}.1`],
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
      'echo "$OWN $SHARED $IMAGE_VERSION" $(env | grep ^KOLLA_BOOTSTRAP) $(cat /state/revision); echo 42 > /state/revision; exit 3';
    const migration = await real.image('app:migration', [...NEW_IMAGE, `CMD ${script}`]);
    const spec = oneOffSpec({ like, image, newRef: migration, env: ['KOLLA_BOOTSTRAP='], apiVersion });
    const id = await engine.create(name('bootstrap'), spec);
    await engine.start(id);
    expect(await engine.wait(id, 20_000)).toBe(3);
    expect((await engine.logs(id, 10)).trim()).toBe('1 mine 2 KOLLA_BOOTSTRAP= 41');
    expect(await sh(engine, old, 'cat /state/revision')).toBe('42');
    await engine.remove(id);
    expect(await engine.inspect(id)).toBeUndefined();
    expect(await sh(engine, old, 'cat /state/revision')).toBe('42');
  });
});
