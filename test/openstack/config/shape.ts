import { ADDRESS, type HostName, PORTS, type Release } from '../places.js';
import {
  haproxyFolder,
  mariadbFolder,
  memcachedFolder,
  RABBITMQ_ENV,
  rabbitmqFolder,
  STATUS_PORT,
} from './around.js';
import type { Folder } from './kolla.js';
import { cinderAgentFolder, cinderApiFolder, keystoneFolder } from './openstack.js';

export type Shape = {
  /** Kolla's container name, without the prefix. */
  readonly name: string;
  readonly image: string;
  readonly hosts: readonly HostName[];
  readonly folder: (host: HostName, release: Release) => Folder;
  readonly healthcheck: (host: HostName) => string;
  /** Named volumes and their places, besides the logs. */
  readonly volumes?: readonly string[];
  readonly env?: readonly string[];
};

const ONE: readonly HostName[] = ['ctl1'];
const BOTH: readonly HostName[] = ['ctl1', 'ctl2'];
const curl = (port: number, path: string) => (host: HostName) =>
  `healthcheck_curl http://${ADDRESS[host].api}:${port}${path}`;

/** Every container of the cloud. */
export const SHAPES = {
  mariadb: {
    name: 'mariadb',
    image: 'mariadb-server',
    hosts: ONE,
    folder: mariadbFolder,
    healthcheck: () => `healthcheck_listen mariadbd ${PORTS.mariadb}`,
    volumes: ['mariadb:/var/lib/mysql'],
  },
  memcached: {
    name: 'memcached',
    image: 'memcached',
    hosts: ONE,
    folder: memcachedFolder,
    healthcheck: () => `healthcheck_listen memcached ${PORTS.memcached}`,
  },
  rabbitmq: {
    name: 'rabbitmq',
    image: 'rabbitmq',
    hosts: ONE,
    folder: rabbitmqFolder,
    healthcheck: () => 'rabbitmqctl -q ping',
    volumes: ['rabbitmq:/var/lib/rabbitmq/'],
    env: RABBITMQ_ENV,
  },
  haproxy: {
    name: 'haproxy',
    image: 'haproxy',
    hosts: BOTH,
    folder: haproxyFolder,
    healthcheck: curl(STATUS_PORT, ''),
    volumes: ['haproxy_socket:/var/lib/kolla/haproxy/'],
  },
  keystone: {
    name: 'keystone',
    image: 'keystone',
    hosts: BOTH,
    folder: keystoneFolder,
    healthcheck: curl(PORTS.keystone, ''),
    volumes: ['keystone_fernet_tokens:/etc/keystone/fernet-keys'],
  },
  cinderApi: {
    name: 'cinder_api',
    image: 'cinder-api',
    hosts: BOTH,
    folder: cinderApiFolder,
    healthcheck: curl(PORTS.cinder, '/healthcheck'),
  },
  cinderScheduler: {
    name: 'cinder_scheduler',
    image: 'cinder-scheduler',
    hosts: ONE,
    folder: cinderAgentFolder('cinder-scheduler'),
    healthcheck: () => `healthcheck_port cinder-scheduler ${PORTS.rabbitmq}`,
  },
  cinderVolume: {
    name: 'cinder_volume',
    image: 'cinder-volume',
    hosts: ONE,
    folder: cinderAgentFolder('cinder-volume'),
    healthcheck: () => `healthcheck_port cinder-volume ${PORTS.rabbitmq}`,
    volumes: ['cinder:/var/lib/cinder/'],
  },
} satisfies Record<string, Shape>;

/** Kolla's service key: the name of the folder below /etc/kolla. */
export const keyOf = ({ name }: Pick<Shape, 'name'>): string => name.replaceAll('_', '-');
