import type { ImageConfig } from './image.js';

type Body = Readonly<Record<string, unknown>>;
type Named = Readonly<Record<string, unknown>>;

const record = (value: unknown): Named =>
  value !== null && typeof value === 'object' ? (value as Named) : {};
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const keyOf = (pair: string): string => pair.split('=')[0] ?? pair;

/** The container's own variables first, then those of the image that it does not name (Docker's order). */
const mergeEnv = (own: readonly string[], image: readonly string[]): string[] => {
  const named = new Set(own.map(keyOf));
  return [...own, ...image.filter((pair) => !named.has(keyOf(pair)))];
};

/** An own Entrypoint takes the image's Cmd away, too; `[""]` takes the image's Entrypoint away. */
const mergeCommand = (
  body: Body,
  image: ImageConfig,
): { Cmd: string[] | null; Entrypoint: string[] | null } => {
  const own = strings(body.Cmd);
  const entry =
    body.Entrypoint === undefined || body.Entrypoint === null ? undefined : strings(body.Entrypoint);
  const hasEntry = entry !== undefined && entry.length > 0;
  const cmd = own.length > 0 || hasEntry ? own : strings(image.Cmd);
  const merged = entry ?? strings(image.Entrypoint);
  const entrypoint = merged.length === 1 && merged[0] === '' ? [] : merged;
  return { Cmd: cmd.length > 0 ? cmd : null, Entrypoint: entrypoint.length > 0 ? entrypoint : null };
};

/** Field by field; a zero or an empty Test inherits. */
const mergeHealthcheck = (own: unknown, image: unknown): Named | undefined => {
  if (own === undefined || own === null) return image === undefined ? undefined : record(image);
  if (image === undefined) return record(own);
  const set = Object.entries(record(own)).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : Boolean(value),
  );
  return { ...record(image), ...Object.fromEntries(set) };
};

/**
 * `Config` of a new container: the create body merged with the image's, by the rules of Docker's daemon/commit.go
 * `merge`, with the fields that Docker 20.10 shows.
 */
export const mergeConfig = (body: Body, image: ImageConfig, hostname: string): Record<string, unknown> => {
  const volumes = { ...image.Volumes, ...record(body.Volumes) };
  const ports = { ...image.ExposedPorts, ...record(body.ExposedPorts) };
  const healthcheck = mergeHealthcheck(body.Healthcheck, image.Healthcheck);
  const signal = text(body.StopSignal) || image.StopSignal;
  return {
    Hostname: hostname,
    Domainname: text(body.Domainname),
    User: text(body.User) || (image.User ?? ''),
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: body.Tty === true,
    OpenStdin: body.OpenStdin === true,
    StdinOnce: false,
    Env: mergeEnv(strings(body.Env), image.Env ?? []),
    Image: text(body.Image),
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    WorkingDir: text(body.WorkingDir) || (image.WorkingDir ?? ''),
    OnBuild: null,
    Labels: { ...image.Labels, ...record(body.Labels) },
    ...mergeCommand(body, image),
    ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}),
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
    ...(text(body.MacAddress) ? { MacAddress: body.MacAddress } : {}),
    ...(signal ? { StopSignal: signal } : {}),
    ...(typeof body.StopTimeout === 'number' ? { StopTimeout: body.StopTimeout } : {}),
  };
};

/** What Docker 20.10 shows in `HostConfig` for what a create body does not say. */
const HOST_DEFAULTS = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  NetworkMode: 'default',
  PortBindings: null,
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'host',
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Runtime: 'runc',
  ConsoleSize: [0, 0],
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  MaskedPaths: ['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats'],
  ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
};

/** A privileged container has no masked paths, and shared namespaces switch labels off (seen on Docker 20.10). */
export const mergeHostConfig = (body: Body): Record<string, unknown> & { NetworkMode: string } => {
  const own = record(body.HostConfig);
  const restart = { ...HOST_DEFAULTS.RestartPolicy, ...record(own.RestartPolicy) };
  const open = own.Privileged === true || own.PidMode === 'host' || own.IpcMode === 'host';
  const opened = {
    ...(own.Privileged === true ? { MaskedPaths: null, ReadonlyPaths: null } : {}),
    ...(open ? { SecurityOpt: [...new Set([...strings(own.SecurityOpt), 'label=disable'])] } : {}),
  };
  const network = text(own.NetworkMode) || HOST_DEFAULTS.NetworkMode;
  return { ...HOST_DEFAULTS, ...own, ...opened, RestartPolicy: restart, NetworkMode: network };
};
