import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where everything of this test lies; at the end only the images are left there, which take minutes to build. */
export const STATE = process.env.STACKSWAP_OPENSTACK_STATE ?? join(tmpdir(), 'stackswap-openstack');
/** Sockets, process ids, configuration, the bot's journal: gone after a run. */
export const RUN = join(STATE, 'run');
export const LOGS = join(STATE, 'logs');

export const PREFIX = 'osl_';
export const REGISTRY = '127.0.0.1:4117';
export const NAMESPACE = 'openstack.kolla';
export const PASSWORD = 'osl-f3a9c1-known-to-all';

export const HOSTS = ['ctl1', 'ctl2'] as const;
export type HostName = (typeof HOSTS)[number];

/** Two hosts on loopback: their APIs' address, and where each one's HAProxy listens for the inside and the outside. */
export const ADDRESS: Readonly<Record<HostName, { api: string; internal: string; external: string }>> = {
  ctl1: { api: '127.0.2.1', internal: '127.0.2.100', external: '127.0.2.110' },
  ctl2: { api: '127.0.2.2', internal: '127.0.2.101', external: '127.0.2.111' },
};

/** The internal VIP, which the catalogue names. */
export const VIP = ADDRESS.ctl1.internal;
export const SSH_PORT = 4122;
export const PORTS = {
  keystone: 5000,
  cinder: 8776,
  mariadb: 3306,
  rabbitmq: 5672,
  memcached: 11211,
} as const;
/** Erlang's own ports, moved away from those of another RabbitMQ on this machine. */
export const ERLANG = { epmd: 4469, distribution: 25772 } as const;

export type Release = 'zed' | '2025.1';
export const SUITE: Readonly<Record<Release, string>> = { zed: 'bookworm', '2025.1': 'trixie' };
export const tagOf = (release: Release): string => `${release}-debian-${SUITE[release]}`;
export const imageOf = (image: string, release: Release): string =>
  `${REGISTRY}/${NAMESPACE}/${image}:${tagOf(release)}`;

/** Addresses of one API at the load balancers, all of them: each host's, for the inside and the outside. */
export const doorsOf = (api: 'keystone' | 'cinder'): readonly string[] =>
  HOSTS.flatMap((host) =>
    [ADDRESS[host].internal, ADDRESS[host].external].map((address) => `http://${address}:${PORTS[api]}`),
  );
