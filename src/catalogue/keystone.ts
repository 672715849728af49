import type { Service } from './service.js';

/** kolla-ansible 2026.1: roles/keystone; schema phases: keystone admin guide, "Upgrading". */
export const keystone: Service = {
  name: 'keystone',
  containers: [
    { name: 'keystone_ssh', image: 'keystone-ssh', role: 'infra', graceSeconds: 60 },
    { name: 'keystone_fernet', image: 'keystone-fernet', role: 'infra', graceSeconds: 60 },
    { name: 'keystone', image: 'keystone', role: 'api', graceSeconds: 80 },
    { name: 'keystone_httpd', image: 'httpd', role: 'proxy', graceSeconds: 60, frontsApi: true },
  ],
  api: { container: 'keystone', port: 5000, path: '/healthcheck', expect: [200] },
  migrations: [
    {
      phase: 'expand',
      name: 'init_upgrade_database',
      env: ['KOLLA_UPGRADE'],
      runs: 'keystone-manage db_sync --expand, then --migrate',
      when: 'before',
    },
    {
      phase: 'contract',
      name: 'finish_upgrade_database',
      env: ['KOLLA_FINISH_UPGRADE'],
      runs: 'keystone-manage db_sync --contract',
      when: 'finalize',
    },
  ],
  revision: ['keystone-manage', 'db_version'],
  unpin: [],
  settleSeconds: 0,
  rollback: 'C',
  hazards: [
    'While no keystone answers, every other API answers 401 or 503.',
    'The start script waits up to 180 s for fernet key 0 in the volume keystone_fernet_tokens.',
    'MariaDB with binary logging needs log_bin_trust_function_creators=1 while the schema moves.',
  ],
  needs: [],
  ready: { types: ['identity'], tokens: true, reads: [] },
};
