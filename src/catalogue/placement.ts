import type { Service } from './service.js';

/** kolla-ansible 2026.1: roles/placement. */
export const placement: Service = {
  name: 'placement',
  containers: [{ name: 'placement_api', image: 'placement-api', role: 'api', graceSeconds: 80 }],
  api: { container: 'placement_api', port: 8780, path: '/', expect: [200] },
  migrations: [
    {
      phase: 'migrate',
      name: 'bootstrap_placement',
      env: ['KOLLA_UPGRADE'],
      runs: 'placement-manage db sync',
      when: 'before',
    },
    {
      phase: 'online',
      name: 'bootstrap_placement',
      env: ['KOLLA_OSM'],
      runs: 'placement-manage db online_data_migrations',
      when: 'finalize',
    },
  ],
  revision: ['placement-manage', 'db', 'version'],
  unpin: [],
  settleSeconds: 0,
  rollback: 'D',
  hazards: ['Placement must be upgraded before nova.'],
  needs: [],
  ready: {
    types: ['placement'],
    // No provider bears this name: the answer is short in the biggest cloud, and the database is asked all the same.
    reads: [
      {
        what: 'resource providers read',
        path: '/resource_providers?name=asked-by-stackswap',
        list: 'resource_providers',
      },
    ],
  },
};
