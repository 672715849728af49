import { ADDRESS, ERLANG, HOSTS, type HostName, PASSWORD, PORTS } from '../places.js';
import { configJson, type Folder, iniOf } from './kolla.js';

export const STATUS_PORT = 61313;

export const mariadbFolder = (host: HostName): Folder => ({
  'galera.cnf': iniOf([
    [
      'mysqld',
      {
        'bind-address': ADDRESS[host].api,
        port: PORTS.mariadb,
        datadir: '/var/lib/mysql',
        socket: '/var/lib/mysql/mysql.sock',
        pid_file: '/var/lib/mysql/mariadb.pid',
        max_connections: 500,
        innodb_buffer_pool_size: '128M',
        innodb_flush_log_at_trx_commit: 2,
        log_bin: 'mysql-bin',
        binlog_format: 'ROW',
        'character-set-server': 'utf8mb3',
        'collation-server': 'utf8mb3_general_ci',
        log_error: '/var/log/kolla/mariadb/mariadb.log',
      },
    ],
  ]).concat('skip-name-resolve\n'),
  'config.json': configJson({
    service: 'mariadb',
    owner: 'mysql',
    command: 'mariadbd --user=mysql',
    files: { 'galera.cnf': '/etc/mysql/mariadb.conf.d/99-galera.cnf' },
  }),
});

/** The reader of this file knows no quotes and no comments behind a value. */
export const rabbitmqFolder = (host: HostName): Folder => ({
  'rabbitmq.conf': [
    `listeners.tcp.1 = ${ADDRESS[host].api}:${PORTS.rabbitmq}`,
    'default_user = openstack',
    `default_pass = ${PASSWORD}`,
    'default_permissions.configure = .*',
    'default_permissions.read = .*',
    'default_permissions.write = .*',
    'log.console = true',
    'vm_memory_high_watermark.absolute = 512MB',
    '',
  ].join('\n'),
  'advanced.config': '[{kernel,[{inet_dist_use_interface,{127,0,0,1}}]}].\n',
  'config.json': configJson({
    service: 'rabbitmq',
    owner: 'rabbitmq',
    command: '/usr/lib/rabbitmq/bin/rabbitmq-server',
    files: {
      'rabbitmq.conf': '/etc/rabbitmq/rabbitmq.conf',
      'advanced.config': '/etc/rabbitmq/advanced.config',
    },
  }),
});

export const RABBITMQ_ENV = [
  'RABBITMQ_CLUSTER_COOKIE=osl-cookie',
  'RABBITMQ_LOG_DIR=/var/log/kolla/rabbitmq',
  'RABBITMQ_NODENAME=osl@localhost',
  'RABBITMQ_CONFIG_FILE=/etc/rabbitmq/rabbitmq.conf',
  'ERL_EPMD_ADDRESS=127.0.0.1',
  `ERL_EPMD_PORT=${ERLANG.epmd}`,
  `RABBITMQ_DIST_PORT=${ERLANG.distribution}`,
];

export const memcachedFolder = (host: HostName): Folder => ({
  'config.json': configJson({
    service: 'memcached',
    owner: 'memcache',
    command: `memcached -v -l ${ADDRESS[host].api} -p ${PORTS.memcached} -c 5000 -m 64`,
    files: {},
  }),
});

const proxied = (id: string, listen: string, port: number): string =>
  [
    '',
    `frontend ${id}_front`,
    `    bind ${listen}:${port}`,
    `    default_backend ${id}_back`,
    '',
    `backend ${id}_back`,
    '    option httpchk GET /healthcheck',
    '    http-check expect status 200',
    ...HOSTS.map((host) => `    server ${host} ${ADDRESS[host].api}:${port} check inter 2000 rise 2 fall 5`),
    '',
  ].join('\n');

/** kolla-ansible's defaults, with `haproxy_socket_level_admin: true`; backends bear its names. */
export const haproxyFolder = (host: HostName): Folder => {
  const { api, internal, external } = ADDRESS[host];
  return {
    'haproxy.cfg': [
      'global',
      '    user haproxy',
      '    group haproxy',
      '    maxconn 2000',
      '    log stdout format raw local0',
      '    stats socket /var/lib/kolla/haproxy/haproxy.sock group kolla mode 660 level admin',
      'defaults',
      '    mode http',
      '    log global',
      '    option httplog',
      '    option forwardfor',
      '    option redispatch',
      '    retries 3',
      '    balance roundrobin',
      '    timeout http-request 10s',
      '    timeout http-keep-alive 10s',
      '    timeout queue 1m',
      '    timeout connect 10s',
      '    timeout client 1m',
      '    timeout server 1m',
      '    timeout check 10s',
      'frontend status',
      `    bind ${api}:${STATUS_PORT}`,
      '    no log',
      '    monitor-uri /',
      proxied('keystone_internal', internal, PORTS.keystone),
      proxied('keystone_external', external, PORTS.keystone),
      proxied('cinder_api', internal, PORTS.cinder),
      proxied('cinder_api_external', external, PORTS.cinder),
    ].join('\n'),
    'config.json': configJson({
      service: 'haproxy',
      owner: 'haproxy',
      command: 'haproxy -W -db -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg',
      files: { 'haproxy.cfg': '/etc/haproxy/haproxy.cfg' },
    }),
  };
};
