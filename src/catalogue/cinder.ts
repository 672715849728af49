import type { Service } from './service.js';

/**
 * kolla-ansible 2026.1: roles/cinder. Order: cinder's upgrade guide wants the API last. Grace of volume and backup is
 * a guess above the 60 s of kolla-ansible, because a copy in progress outlives these.
 */
export const cinder: Service = {
  name: 'cinder',
  containers: [
    { name: 'cinder_scheduler', image: 'cinder-scheduler', role: 'scheduler', graceSeconds: 60 },
    { name: 'cinder_volume', image: 'cinder-volume', role: 'worker', graceSeconds: 600 },
    { name: 'cinder_backup', image: 'cinder-backup', role: 'worker', graceSeconds: 600 },
    { name: 'cinder_api', image: 'cinder-api', role: 'api', graceSeconds: 80 },
  ],
  api: { container: 'cinder_api', port: 8776, path: '/healthcheck', expect: [200] },
  migrations: [
    {
      phase: 'expand',
      name: 'bootstrap_cinder',
      env: ['KOLLA_BOOTSTRAP'],
      runs: 'cinder-manage db sync',
      when: 'before',
    },
    {
      phase: 'online',
      name: 'bootstrap_cinder',
      env: ['KOLLA_OSM'],
      runs: 'cinder-manage db online_data_migrations',
      when: 'finalize',
    },
  ],
  revision: ['cinder-manage', 'db', 'version'],
  unpin: ['cinder_scheduler', 'cinder_volume', 'cinder_backup', 'cinder_api'],
  settleSeconds: 30,
  rollback: 'B',
  hazards: [
    'SIGTERM lets a running copy, backup or migration end; one that outlasts the grace is killed.',
    'One cinder-volume a backend, unless cinder_cluster_name is set: volume operations pause while it is swapped.',
    'Orphan rows in the services table keep the RPC pin or stop the new version from starting.',
    'The next release refuses its schema until the online data migrations of this one are complete (Finalize).',
  ],
  needs: [],
  ready: {
    types: ['block-storage', 'volumev3'],
    reads: [
      { what: 'volumes listed', path: '/v3/{project}/volumes?limit=1', list: 'volumes' },
      {
        what: 'storage pools known to the scheduler',
        path: '/v3/{project}/scheduler-stats/get_pools',
        list: 'pools',
        filled: true,
        workers: true,
      },
    ],
    heartbeats: {
      what: 'volume services listed',
      path: '/v3/{project}/os-services',
      list: 'services',
      binaries: {
        cinder_scheduler: 'cinder-scheduler',
        cinder_volume: 'cinder-volume',
        cinder_backup: 'cinder-backup',
      },
    },
  },
};
