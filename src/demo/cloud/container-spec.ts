import type Docker from 'dockerode';
import type { Identity } from './identity.js';
import { refOf } from './images.js';
import { configFolder, type Ports } from './kolla-config.js';
import { BUS, BUS_RELEASE, DEMO_RELEASES, type DemoContainer } from './shape.js';

const NANOSECONDS = 1_000_000_000;

/** Kolla's, but for the interval: its 30 s would leave a fresh container "starting" for half a minute. */
const HEALTH = {
  Interval: 5 * NANOSECONDS,
  Timeout: 30 * NANOSECONDS,
  Retries: 3,
  StartPeriod: 5 * NANOSECONDS,
};

/** Kolla says 1048576, which an engine inside a container may not grant; every engine can lower the limit. */
const OPEN_FILES = { Name: 'nofile', Soft: 4096, Hard: 4096 };

/** Named volumes beside the logs, as in kolla-ansible's roles; `database` stands for MariaDB's. */
const VOLUMES: Readonly<Record<string, readonly string[]>> = {
  keystone: ['keystone_fernet_tokens:/etc/keystone/fernet-keys', 'database:/var/lib/demo-database'],
  glance_api: ['glance:/var/lib/glance/', 'database:/var/lib/demo-database'],
  placement_api: ['database:/var/lib/demo-database'],
  cinder_api: ['database:/var/lib/demo-database'],
  cinder_volume: ['cinder:/var/lib/cinder'],
};

const LOGS = 'kolla_logs:/var/log/kolla/';

const bindsOf = (container: DemoContainer, identity: Identity): string[] => [
  `${configFolder(identity.folder, container)}/:/var/lib/kolla/config_files/:ro`,
  ...[LOGS, ...(VOLUMES[container.name] ?? [])].map((volume) => `${identity.prefix}${volume}`),
];

/** Volume names, prefix included. */
export const volumeNames = (identity: Identity): string[] => [
  ...new Set(
    [LOGS, ...Object.values(VOLUMES).flat()].map((volume) => `${identity.prefix}${volume.split(':')[0]}`),
  ),
];

const healthTest = (container: DemoContainer, ports: Ports): string[] => {
  if (container === BUS) return ['CMD', 'healthcheck_listen', BUS.program, String(ports.bus)];
  if (!container.isApi) return ['CMD', 'healthcheck_port', container.program, String(ports.bus)];
  const { name, api } = container.service ?? { name: '', api: { path: '/' } };
  return ['CMD', 'healthcheck_curl', `http://127.0.0.1:${ports.apis[name]}${api.path}`];
};

const environmentOf = (container: DemoContainer, password: string): string[] => [
  'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS',
  `KOLLA_SERVICE_NAME=${container.name.replaceAll('_', '-')}`,
  ...(container.service && container.isApi
    ? [`${container.service.name.toUpperCase()}_DATABASE_PASSWORD=${password}`]
    : []),
];

export type SpecInput = {
  readonly container: DemoContainer;
  readonly identity: Identity;
  readonly ports: Ports;
  readonly password: string;
};

/** Create options as kolla-ansible's worker gives them, but for the restart policy: no systemd unit owns these. */
export const specOf = ({
  container,
  identity,
  ports,
  password,
}: SpecInput): Docker.ContainerCreateOptions => ({
  name: `${identity.prefix}${container.name}`,
  Image: refOf(identity, container.image, container === BUS ? BUS_RELEASE : DEMO_RELEASES.running),
  Env: environmentOf(container, password),
  Healthcheck: { Test: healthTest(container, ports), ...HEALTH },
  HostConfig: {
    NetworkMode: 'host',
    Binds: bindsOf(container, identity),
    RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    Ulimits: [OPEN_FILES],
    ...(container.name === 'cinder_volume' ? { IpcMode: 'host' } : {}),
  },
});

/** The one-off container that lays the first schema, as `kolla-ansible deploy` does. */
export const bootstrapSpec = (input: SpecInput): Docker.ContainerCreateOptions => {
  const { name = '', HostConfig, ...spec } = specOf(input);
  return {
    ...spec,
    name: `${name}_bootstrap`,
    Env: [...(spec.Env ?? []), 'KOLLA_BOOTSTRAP='],
    Healthcheck: { Test: ['NONE'] },
    HostConfig: { ...HostConfig, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
  };
};
