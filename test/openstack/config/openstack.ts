import { ADDRESS, type HostName, PASSWORD, PORTS, type Release, VIP } from '../places.js';
import { configJson, type Folder, iniOf, uwsgiIni } from './kolla.js';

const { api: CENTRE } = ADDRESS.ctl1;
const MEMCACHED = `${CENTRE}:${PORTS.memcached}`;

const database = (name: string) => ({
  connection: `mysql+pymysql://${name}:${PASSWORD}@${CENTRE}:${PORTS.mariadb}/${name}`,
  max_retries: -1,
  connection_recycle_time: 10,
});

/**
 * Zed has scripts, 2025.1 modules: the old image does not start with the new file, so that a rollback which left it
 * there would be seen at once.
 */
const ENTRIES: Readonly<Record<'keystone' | 'cinder', Readonly<Record<Release, Record<string, string>>>>> = {
  keystone: {
    zed: { 'wsgi-file': '/usr/bin/keystone-wsgi-public' },
    '2025.1': { module: 'keystone.wsgi.api:application' },
  },
  cinder: {
    zed: { 'wsgi-file': '/usr/bin/cinder-wsgi' },
    '2025.1': { module: 'cinder.wsgi.api:application' },
  },
};

/** Hashing a password takes a quarter of a second at keystone's default: a small machine would do nothing else. */
const CHEAP_HASHES = { password_hash_rounds: 4 };

export const keystoneFolder = (host: HostName, release: Release): Folder => ({
  'keystone.conf': iniOf([
    ['DEFAULT', { log_dir: '/var/log/kolla/keystone', log_file: 'keystone.log', use_stderr: true }],
    ['oslo_middleware', { enable_proxy_headers_parsing: true }],
    ['database', { ...database('keystone'), max_pool_size: 5 }],
    ['identity', CHEAP_HASHES],
    [
      'token',
      { provider: 'fernet', expiration: 86_400, ...(release === 'zed' ? { revoke_by_id: false } : {}) },
    ],
    ['fernet_tokens', { max_active_keys: 3 }],
    ['cache', { backend: 'oslo_cache.memcache_pool', enabled: true, memcache_servers: MEMCACHED }],
  ]),
  'keystone-uwsgi.ini': uwsgiIni({
    bind: `${ADDRESS[host].api}:${PORTS.keystone}`,
    entry: ENTRIES.keystone[release],
    user: 'keystone',
  }),
  'config.json': configJson({
    service: 'keystone',
    owner: 'keystone',
    command: 'uwsgi --ini /etc/keystone/keystone-uwsgi.ini',
    files: {
      'keystone.conf': '/etc/keystone/keystone.conf',
      'keystone-uwsgi.ini': '/etc/keystone/keystone-uwsgi.ini',
    },
  }),
});

const cinderConf = (host: HostName, release: Release, log: string): string =>
  iniOf([
    [
      'DEFAULT',
      {
        host,
        my_ip: ADDRESS[host].api,
        log_dir: '/var/log/kolla/cinder',
        log_file: `${log}.log`,
        use_stderr: true,
        ...(release === 'zed' ? { use_forwarded_for: true } : {}),
        auth_strategy: 'keystone',
        transport_url: `rabbit://openstack:${PASSWORD}@${CENTRE}:${PORTS.rabbitmq}//`,
        enabled_backends: 'fake-1',
        default_volume_type: '__DEFAULT__',
        api_paste_config: '/etc/cinder/api-paste.ini',
      },
    ],
    ['database', database('cinder')],
    [
      'fake-1',
      {
        volume_driver: 'cinder.tests.fake_driver.FakeLoggingVolumeDriver',
        volume_backend_name: 'fake-1',
        volume_group: 'fake-vg',
      },
    ],
    ['oslo_concurrency', { lock_path: '/var/lib/cinder/tmp' }],
    ['oslo_middleware', { enable_proxy_headers_parsing: true }],
    ['oslo_messaging_notifications', { driver: 'noop' }],
    ['oslo_messaging_rabbit', release === 'zed' ? { heartbeat_in_pthread: false } : { heartbeat_rate: 3 }],
    [
      'keystone_authtoken',
      {
        www_authenticate_uri: `http://${VIP}:${PORTS.keystone}`,
        auth_url: `http://${VIP}:${PORTS.keystone}`,
        auth_type: 'password',
        project_domain_name: 'Default',
        user_domain_name: 'Default',
        project_name: 'service',
        username: 'cinder',
        password: PASSWORD,
        service_token_roles_required: true,
        memcached_servers: MEMCACHED,
        memcache_security_strategy: 'ENCRYPT',
        memcache_secret_key: PASSWORD,
        region_name: 'RegionOne',
      },
    ],
  ]);

export const cinderApiFolder = (host: HostName, release: Release): Folder => ({
  'cinder.conf': cinderConf(host, release, 'cinder-api'),
  'cinder-uwsgi.ini': uwsgiIni({
    bind: `${ADDRESS[host].api}:${PORTS.cinder}`,
    entry: ENTRIES.cinder[release],
  }),
  'config.json': configJson({
    service: 'cinder-api',
    owner: 'cinder',
    command: 'uwsgi --ini /etc/cinder/cinder-uwsgi.ini',
    files: {
      'cinder.conf': '/etc/cinder/cinder.conf',
      'cinder-uwsgi.ini': '/etc/cinder/cinder-uwsgi.ini',
    },
  }),
});

/** cinder-scheduler or cinder-volume. */
export const cinderAgentFolder =
  (service: string) =>
  (host: HostName, release: Release): Folder => ({
    'cinder.conf': cinderConf(host, release, service),
    'config.json': configJson({
      service,
      owner: 'cinder',
      command: `${service} --config-file /etc/cinder/cinder.conf`,
      files: { 'cinder.conf': '/etc/cinder/cinder.conf' },
    }),
  });
