import type { Service } from './service.js';

/** kolla-ansible 2026.1: roles/glance, default (not rolling) flow: `KOLLA_BOOTSTRAP` runs db_sync. */
export const glance: Service = {
  name: 'glance',
  containers: [{ name: 'glance_api', image: 'glance-api', role: 'api', graceSeconds: 80 }],
  api: { container: 'glance_api', port: 9292, path: '/healthcheck', expect: [200] },
  migrations: [
    {
      phase: 'migrate',
      name: 'bootstrap_glance',
      env: ['KOLLA_BOOTSTRAP'],
      runs: 'glance-manage db_sync, then db_load_metadefs',
      when: 'before',
    },
  ],
  revision: ['glance-manage', 'db', 'version'],
  unpin: [],
  settleSeconds: 0,
  rollback: 'D',
  hazards: [
    'With the file backend on a named volume glance runs on one host only: there is no second API.',
    'Uploads and downloads can last hours; those in flight when the container stops are lost.',
    'An image import in progress is lost.',
  ],
  needs: [],
  ready: {
    types: ['image'],
    reads: [{ what: 'images listed', path: '/v2/images?limit=1', list: 'images' }],
  },
};
