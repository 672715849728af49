import type { Config } from '../../../src/config.js';
import type { Folders } from '../../../src/kolla/folder.js';
import { treeOf, UnfitTree } from '../../../src/kolla/tree.js';
import type { VirtualClock } from '../../../src/sim/clock.js';
import type { Process } from '../../../src/sim/image.js';
import { kollaConfig } from '../../../src/sim/kolla-config.js';
import { type KollaScene, kollaCloud } from '../../sim/kolla.js';
import type { Shape } from './shape.js';

export const OLD = '2025.1';
export const NEW = '2025.2';

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator', 'approver'] },
  { name: 'Bob', slack: 'U0BOB', login: 'bob', roles: ['approver'] },
  { name: 'Dan', slack: 'U0DAN', roles: ['operator', 'approver'] },
  { name: 'Cem', slack: 'U0CEM', roles: ['viewer'] },
  { name: 'Eve', slack: 'U0EVE', roles: ['operator'] },
];

const API_OF = {
  placement: 'placement_api',
  glance: 'glance_api',
  cinder: 'cinder_api',
  keystone: 'keystone',
};
const WORKERS = {
  placement: [],
  glance: [],
  cinder: ['cinder_scheduler', 'cinder_volume'],
  keystone: ['keystone_ssh', 'keystone_fernet'],
};

const settingsOf = (shape: Shape) => ({
  policy: {
    approvals: shape.approvals,
    requester_counts: shape.requesterCounts,
    expires: shape.expires,
    on_failure: shape.onFailure,
  },
  health: shape.health,
  people: PEOPLE,
  load_balancer: { grace: '10s' },
  ...(shape.configs ? { target_config: { folder: '/rendered/{release}/{host}' } } : {}),
});

const neighbourOf = ({ service }: Shape): string => (service === 'placement' ? 'glance' : 'placement');

/** The rendered folders of the bot's machine, without a disk: `/rendered/<release>/<host>/<key>`. */
export const foldersOf = (scene: KollaScene): Folders => ({
  said: async () => undefined,
  read: async (folder) => {
    const [, , release = '', , key] = folder.split('/');
    const entry = scene.containers.find(({ name }) => name.replaceAll('_', '-') === key);
    if (!entry) throw new UnfitTree(`${folder} is not there`);
    return treeOf(
      Object.entries(kollaConfig(entry, release)).map(([path, text]) => ({
        path,
        mode: 0o640,
        uid: 0,
        gid: 0,
        content: Buffer.from(text),
      })),
    );
  },
});

const withoutAddresses = (config: Config, shape: Shape): Config => ({
  ...config,
  hosts: config.hosts.map(({ api_address: _none, ...host }) => ({
    ...host,
    config_fits: shape.configs ? [] : host.config_fits,
  })),
});

/** The cloud of a shape, well and at the old release, with the settings of the bot that looks after it. */
export const cloudOf = async (shape: Shape, clock: VirtualClock, weather: (process: Process) => boolean) => {
  const scene = await kollaCloud({
    clock,
    weather,
    hosts: shape.hosts,
    services: [shape.service, ...(shape.neighbour ? [neighbourOf(shape)] : [])],
    ...(shape.onlyApi ? { leftOut: WORKERS[shape.service] } : {}),
    releases: [
      { id: OLD, stopsAfterMs: shape.stopsAfterMs },
      ...(shape.crossing
        ? [
            {
              id: NEW,
              kind: shape.target,
              readyAfterMs: shape.readyAfterMs,
              migrationMs: 2_000,
              wrong: API_OF[shape.service],
            },
          ]
        : []),
    ],
    prefix: shape.prefix,
    restartPolicy: shape.restartPolicy,
    ...(shape.owner === 'engine'
      ? {}
      : { systemd: shape.owner === 'unit, long stop' ? { stopSeconds: 600 } : true }),
    prepulled: shape.prepulled,
    configs: shape.configs,
    delays: { call: 5, pull: 3_000, start: 300, stop: 2_000, hang: 30_000 },
    ...(shape.haproxy ? { haproxy: {} } : {}),
    config: settingsOf(shape),
  });
  if (!shape.crossing) scene.rebuild(OLD, 'b2');
  const units = shape.owner === 'rename-first' ? { units: () => new Map() } : {};
  return { ...scene, ...units, config: withoutAddresses(scene.config, shape) };
};
