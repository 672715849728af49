/*
 * Containers of four OpenStack services as kolla-ansible 2026.1 creates them on Docker (roles keystone, glance,
 * placement, cinder: defaults/main.yml; module kolla_docker_worker). Data of the simulated cloud, and apart from the
 * catalogue on purpose: a wrong catalogue must not make the cloud agree with it.
 */

export type KollaContainer = {
  readonly name: string;
  readonly image: string;
  readonly service: string;
  /** Port of an API on the host's network. */
  readonly port?: number;
  /** The health check; `API_IP` stands for the host's address. */
  readonly check: string;
  /** Beyond configuration, time zone and logs. */
  readonly binds?: readonly string[];
  readonly host?: Readonly<Record<string, unknown>>;
};

const FERNET = 'keystone_fernet_tokens:/etc/keystone/fernet-keys';
const SHM = '/dev/shm:/dev/shm';
const BLOCK = [
  '/dev/:/dev/',
  '/lib/modules:/lib/modules:ro',
  '/run:/run:shared',
  'cinder:/var/lib/cinder',
  'iscsi_info:/etc/iscsi',
];

export const KOLLA_CONTAINERS: readonly KollaContainer[] = [
  {
    name: 'keystone_ssh',
    image: 'keystone-ssh',
    service: 'keystone',
    check: 'healthcheck_listen sshd 8023',
    binds: [FERNET],
  },
  {
    name: 'keystone_fernet',
    image: 'keystone-fernet',
    service: 'keystone',
    check: '/usr/bin/fernet-healthcheck.sh',
    binds: [FERNET],
  },
  {
    name: 'keystone',
    image: 'keystone',
    service: 'keystone',
    port: 5000,
    check: 'healthcheck_curl http://API_IP:5000/healthcheck',
    binds: [SHM, FERNET],
  },
  {
    name: 'glance_api',
    image: 'glance-api',
    service: 'glance',
    port: 9292,
    check: 'healthcheck_curl http://API_IP:9292/healthcheck',
    binds: ['glance:/var/lib/glance/', SHM],
  },
  {
    name: 'placement_api',
    image: 'placement-api',
    service: 'placement',
    port: 8780,
    check: 'healthcheck_curl http://API_IP:8780',
  },
  {
    name: 'cinder_api',
    image: 'cinder-api',
    service: 'cinder',
    port: 8776,
    check: 'healthcheck_curl http://API_IP:8776/healthcheck',
    binds: [SHM],
  },
  {
    name: 'cinder_scheduler',
    image: 'cinder-scheduler',
    service: 'cinder',
    check: 'healthcheck_port cinder-scheduler 5672',
    binds: [SHM],
  },
  {
    name: 'cinder_volume',
    image: 'cinder-volume',
    service: 'cinder',
    check: 'healthcheck_port cinder-volume 5672',
    binds: BLOCK,
    host: { Privileged: true, IpcMode: 'host' },
  },
];

const SECOND = 1e9;

export type Installed = {
  readonly ref: string;
  readonly address: string;
  readonly prefix: string;
  readonly restartPolicy: string;
  readonly env: readonly string[];
};

/** The create body of kolla's worker. Binds keep kolla's spelling, slashes and all. */
export const kollaBody = (entry: KollaContainer, installed: Installed): Record<string, unknown> => {
  const key = entry.name.replaceAll('_', '-');
  const binds = [
    `/etc/kolla/${key}/:/var/lib/kolla/config_files/:ro`,
    '/etc/localtime:/etc/localtime:ro',
    'kolla_logs:/var/log/kolla/',
    ...(entry.binds ?? []),
  ];
  return {
    Image: installed.ref,
    Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', ...installed.env, `KOLLA_SERVICE_NAME=${key}`],
    Labels: {},
    Volumes: Object.fromEntries(binds.map((bind) => [bind.split(':')[1] ?? bind, {}])),
    Healthcheck: {
      Test: ['CMD-SHELL', entry.check.replace('API_IP', installed.address)],
      Interval: 30 * SECOND,
      Timeout: 30 * SECOND,
      StartPeriod: 5 * SECOND,
      Retries: 3,
    },
    HostConfig: {
      NetworkMode: 'host',
      Binds: binds,
      RestartPolicy: { Name: installed.restartPolicy, MaximumRetryCount: 0 },
      Ulimits: [{ Name: 'nofile', Soft: 1_048_576, Hard: 1_048_576 }],
      ...entry.host,
    },
  };
};
