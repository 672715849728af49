import { describe, expect, test } from 'vitest';
import { DEFAULTS, TAGS, type Version } from './images.js';
import { type Json, OF_ANOTHER, OF_ONE, rawDiff } from './raw-diff.js';

const OLD_ID = 'a1'.repeat(32);
const NEW_ID = 'b2'.repeat(32);
const VOLUME = 'c3'.repeat(32);

/** An inspect answer as Docker 20.10 gives it, shortened; all of it is one place to change. */
const answer = (id: string, version: Version) => ({
  Id: id,
  Created: version === 'old' ? '2025-11-01T00:00:00Z' : '2025-11-02T00:00:00Z',
  Name: '/keystone',
  Image: `sha256:${version}`,
  LogPath: `/docker/containers/${id}/${id}-json.log`,
  RestartCount: 0,
  State: { Status: 'running', OOMKilled: false, Pid: 11, StartedAt: 'then', Health: { Status: 'starting' } },
  GraphDriver: { Name: 'overlay2', Data: { MergedDir: `/layers/${version}` } },
  Config: {
    Hostname: id.slice(0, 12),
    Image: `keystone:${TAGS[version]}`,
    Env: ['OWN=1', ...DEFAULTS[version].env] as string[],
    Labels: { owner: 'ann', ...DEFAULTS[version].labels } as Record<string, string>,
    Cmd: ['kolla_start'],
    Healthcheck: { Test: ['CMD', 'true'], Retries: 3 },
    OnBuild: null as readonly string[] | null,
  },
  HostConfig: {
    Binds: ['keystone-data:/data', '/etc/kolla:/etc/kolla:ro', ...(version === 'old' ? ['/bare'] : [])],
    Mounts: version === 'old' ? null : [{ Type: 'volume', Source: VOLUME, Target: '/bare' }],
    CapAdd: ['NET_ADMIN'],
    SecurityOpt: null as readonly string[] | null,
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/xnull', CgroupPermissions: 'rwm' }],
    Ulimits: [{ Name: 'nofile', Soft: 2048, Hard: 4096 }],
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
    Memory: 134_217_728,
    Privileged: false,
    PidMode: 'host',
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '5000' }] },
    ExtraHosts: ['controller:10.0.0.1'],
  },
  Mounts: [
    {
      Type: 'volume',
      Name: VOLUME,
      Source: `/volumes/${VOLUME}/_data`,
      Destination: '/bare',
      RW: true,
      Mode: '',
    },
    { Type: 'bind', Source: '/etc/kolla', Destination: '/etc/kolla', RW: false, Mode: 'ro' },
  ],
  NetworkSettings: {
    SandboxID: `sandbox of ${id}`,
    Networks: {
      front: {
        IPAMConfig: { IPv4Address: '10.0.0.77' },
        IPAddress: '10.0.0.77',
        Aliases: ['api', id.slice(0, 12)],
        EndpointID: `end of ${id}`,
      },
      back: { IPAMConfig: null, IPAddress: id === OLD_ID ? '10.1.0.2' : '10.1.0.3', EndpointID: 'e' },
    },
  },
});

type Answer = ReturnType<typeof answer>;

const asJson = (value: Answer): Json => JSON.parse(JSON.stringify(value));

/** A change of one field, and the path under which it must be named. */
const CHANGES: readonly (readonly [path: string, change: (one: Answer) => unknown])[] = [
  ['Name', (one) => (one.Name = '/keystone2')],
  ['State.Status', (one) => (one.State.Status = 'paused')],
  ['State.OOMKilled', (one) => (one.State.OOMKilled = true)],
  ['Config.Labels.owner', (one) => (one.Config.Labels.owner = 'bob')],
  ['Config.Labels.more', (one) => (one.Config.Labels.more = '')],
  ['Config.Labels.build', (one) => (one.Config.Labels.build = '3')],
  ['Config.Env.OWN', (one) => (one.Config.Env = one.Config.Env.filter((word) => word !== 'OWN=1'))],
  ['Config.Env.RELEASE', (one) => one.Config.Env.push('RELEASE=2024.2')],
  ['Config.Env.MORE', (one) => one.Config.Env.push('MORE=')],
  ['Config.Hostname', (one) => (one.Config.Hostname = 'other')],
  ['Config.Cmd', (one) => one.Config.Cmd.push('-v')],
  ['Config.Healthcheck.Retries', (one) => (one.Config.Healthcheck.Retries = 4)],
  ['HostConfig.Binds', (one) => one.HostConfig.Binds.shift()],
  ['HostConfig.Binds', (one) => one.HostConfig.Binds.push('/run:/run')],
  ['HostConfig.Binds', (one) => (one.HostConfig.Binds[1] = '/etc/kolla:/etc/kolla:rw')],
  ['HostConfig.CapAdd', (one) => one.HostConfig.CapAdd.pop()],
  ['HostConfig.SecurityOpt', (one) => (one.HostConfig.SecurityOpt = ['seccomp=unconfined'])],
  ['HostConfig.Devices', (one) => (one.HostConfig.Devices = [])],
  ['HostConfig.Ulimits', (one) => one.HostConfig.Ulimits.push({ Name: 'nproc', Soft: 1, Hard: 1 })],
  ['HostConfig.RestartPolicy.Name', (one) => (one.HostConfig.RestartPolicy.Name = 'no')],
  [
    'HostConfig.RestartPolicy.MaximumRetryCount',
    (one) => (one.HostConfig.RestartPolicy.MaximumRetryCount = 0),
  ],
  ['HostConfig.Memory', (one) => (one.HostConfig.Memory = 0)],
  ['HostConfig.Privileged', (one) => (one.HostConfig.Privileged = true)],
  ['HostConfig.PidMode', (one) => (one.HostConfig.PidMode = '')],
  ['HostConfig.LogConfig.Config.max-size', (one) => (one.HostConfig.LogConfig.Config['max-size'] = '2m')],
  ['HostConfig.PortBindings.5000/tcp', (one) => (one.HostConfig.PortBindings['5000/tcp'] = [])],
  ['HostConfig.ExtraHosts', (one) => (one.HostConfig.ExtraHosts = [])],
  ['Mounts./etc/kolla', (one) => one.Mounts.pop()],
  ['Mounts./bare.Name', (one) => Object.assign(one.Mounts[0] ?? {}, { Name: 'd4'.repeat(32) })],
  [
    'NetworkSettings.Networks.front.IPAddress',
    (one) => (one.NetworkSettings.Networks.front.IPAddress = '10.0.0.9'),
  ],
  ['NetworkSettings.Networks.front.Aliases', (one) => one.NetworkSettings.Networks.front.Aliases.shift()],
  ['NetworkSettings.Networks.back', (one) => Reflect.deleteProperty(one.NetworkSettings.Networks, 'back')],
];

const TWINS: readonly (readonly [title: string, after: () => Answer])[] = [
  ['went back', () => answer(OLD_ID, 'old')],
  ['was upgraded', () => answer(NEW_ID, 'new')],
];

describe.each(TWINS)('the raw comparison of a container that %s', (_title, after) => {
  const before = asJson(answer(OLD_ID, 'old'));

  test('finds nothing where nothing else changed, in whatever order mounts are listed', () => {
    const twin = after();
    twin.Mounts.reverse();
    twin.HostConfig.SecurityOpt = [];
    twin.State = { ...twin.State, Pid: 12, StartedAt: 'later', Health: { Status: 'healthy' } };
    expect(rawDiff(before, asJson(twin))).toEqual([]);
  });

  test.each(CHANGES)('names %s where it was changed', (path, change) => {
    const changed = after();
    change(changed);
    const found = rawDiff(before, asJson(changed));
    expect(found).not.toEqual([]);
    expect(found.filter((line) => !line.startsWith(path))).toEqual([]);
  });
});

describe('what the raw comparison leaves out', () => {
  test('is no configuration, but for the image and only where a container was made anew', () => {
    const loose = [...OF_ONE, ...OF_ANOTHER].map(({ path }) => path);
    expect(loose.filter((path) => /^(HostConfig|Config|Mounts)\b/.test(path))).toEqual(['Config.Image']);
    const other = answer(OLD_ID, 'old');
    other.Config.Image = 'keystone:other';
    other.GraphDriver.Data.MergedDir = '/layers/other';
    expect(rawDiff(asJson(answer(OLD_ID, 'old')), asJson(other))).toEqual([
      'GraphDriver.Data.MergedDir: "/layers/old" became "/layers/other"',
      `Config.Image: "keystone:${TAGS.old}" became "keystone:other"`,
    ]);
  });
});
