import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { RealDocker } from '../../engine/real-docker.js';

export type Place = {
  readonly real: RealDocker;
  /** Of the container; volumes and networks begin with it. */
  readonly name: string;
  readonly image: string;
  /** Of loopback, at which the API answers. */
  readonly port: number;
  readonly folder: string;
};

type Create = Dockerode.ContainerCreateOptions;

export type Shaped = {
  readonly create: Create;
  /** Folders in the container that hold data; each gets a line that must never be lost. */
  readonly places: readonly string[];
  /** Networks beyond the first. */
  readonly connect?: readonly { readonly network: string; readonly endpoint: object }[];
};

const SECOND = 1e9;
const INNER_PORT = 8000;

const dataOf = ({ name }: Place): string => `${name}-data:/data`;

const onHost = (place: Place, host: object, rest: Create = {}): Create => ({
  ...rest,
  Env: [`PORT=${place.port}`, ...(rest.Env ?? [])],
  HostConfig: { NetworkMode: 'host', Binds: [dataOf(place)], ...host },
});

const published = ({ port }: Place) => ({
  PortBindings: { [`${INNER_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
});

const inside = ['LISTEN=0.0.0.0:', `PORT=${INNER_PORT}`];

const host = async (place: Place): Promise<Shaped> => ({
  create: onHost(place, { RestartPolicy: { Name: 'unless-stopped' } }),
  places: ['/data', '/anon'],
});

/** Three networks: a create is three calls, and each can be the last one that came through. */
const networks = async (place: Place): Promise<Shaped> => {
  const word = place.name.slice(place.real.prefix.length + 1);
  const front = await place.real.network(`${word}-front`);
  const back = await place.real.network(`${word}-back`);
  const third = await place.real.network(`${word}-third`);
  return {
    create: {
      Env: inside,
      ExposedPorts: { [`${INNER_PORT}/tcp`]: {} },
      NetworkingConfig: {
        EndpointsConfig: {
          [front.name]: { IPAMConfig: { IPv4Address: `${front.subnet}.77` }, Aliases: ['api', 'identity'] },
        },
      },
      HostConfig: {
        ...published(place),
        NetworkMode: front.name,
        Binds: [dataOf(place)],
        RestartPolicy: { Name: 'always' },
        ExtraHosts: [`controller:${front.subnet}.1`],
      },
    },
    connect: [
      {
        network: back.name,
        endpoint: { IPAMConfig: { IPv4Address: `${back.subnet}.78` }, Aliases: ['db-side'] },
      },
      { network: third.name, endpoint: { Aliases: ['third'] } },
    ],
    places: ['/data', '/anon'],
  };
};

const volumes = async (place: Place): Promise<Shaped> => ({
  create: {
    Env: inside,
    ExposedPorts: { [`${INNER_PORT}/tcp`]: {} },
    Volumes: { '/own/': {} },
    HostConfig: {
      ...published(place),
      Binds: [dataOf(place), '/bare', `${place.name}-logs:/var/log/kolla/`],
      Mounts: [
        { Type: 'volume', Target: '/mounted', Source: '', ReadOnly: false },
        { Type: 'volume', Target: '/named', Source: `${place.name}-named` },
      ],
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
    },
  },
  places: ['/data', '/anon', '/own', '/bare', '/mounted', '/named', '/var/log/kolla'],
});

const limits = async (place: Place): Promise<Shaped> => ({
  create: onHost(
    place,
    {
      RestartPolicy: { Name: 'always' },
      Ulimits: [{ Name: 'nofile', Soft: 2048, Hard: 4096 }],
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['MKNOD'],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: { '/fast': 'size=65536k,mode=1777' },
      Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/zero2', CgroupPermissions: 'r' }],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      Memory: 128 * 1024 * 1024,
      CpuShares: 512,
      PidsLimit: 200,
      OomScoreAdj: 100,
      GroupAdd: ['29'],
      Init: true,
    },
    {
      Hostname: 'everything',
      StopSignal: 'SIGTERM',
      StopTimeout: 7,
      Healthcheck: { Test: ['CMD-SHELL', 'test -s /www/healthcheck'], Interval: 5 * SECOND, Retries: 3 },
    },
  ),
  places: ['/data', '/anon'],
});

/** Its stop goes on in the engine after the bot has died, and the next bot meets it. */
const slowStop = async (place: Place): Promise<Shaped> => ({
  create: onHost(place, { RestartPolicy: { Name: 'unless-stopped' } }, { Env: ['STOP_AFTER=3'] }),
  places: ['/data', '/anon'],
});

/** As kolla-ansible makes one, with all that an agent has on top; privileged itself does not start on every machine. */
const kolla = async (place: Place): Promise<Shaped> => {
  const settings = join(place.folder, 'kolla');
  await mkdir(settings, { recursive: true });
  await writeFile(join(settings, 'config.json'), '{"command":"keystone"}\n');
  return {
    create: onHost(
      place,
      {
        Binds: [
          dataOf(place),
          `${settings}/:/var/lib/kolla/config_files/:ro`,
          '/etc/hostname:/etc/host-name:ro',
          `${place.name}-logs:/var/log/kolla/`,
          '/run:/host-run:rw',
        ],
        RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
        IpcMode: 'host',
        PidMode: 'host',
        UTSMode: 'host',
        CgroupnsMode: 'host',
        CapAdd: ['NET_ADMIN', 'SYS_ADMIN'],
        SecurityOpt: ['seccomp=unconfined'],
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/xnull', CgroupPermissions: 'rwm' }],
        Ulimits: [{ Name: 'nofile', Soft: 4096, Hard: 4096 }],
      },
      {
        Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_SERVICE_NAME=keystone'],
        Healthcheck: {
          Test: ['CMD-SHELL', 'test -s /www/healthcheck'],
          Interval: 30 * SECOND,
          Timeout: 30 * SECOND,
          Retries: 3,
          StartPeriod: 5 * SECOND,
        },
      },
    ),
    places: ['/data', '/anon', '/var/log/kolla'],
  };
};

/** Containers that differ in what a swap could break, by a name for the table. */
export const SHAPES = {
  host,
  networks,
  volumes,
  limits,
  'slow stop': slowStop,
  kolla,
} as const satisfies Record<string, (place: Place) => Promise<Shaped>>;

export type Shape = keyof typeof SHAPES;
