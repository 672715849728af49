import type { ReleaseKind } from '../../../src/sim/kolla-image.js';
import type { Random } from '../../../src/sim/random.js';

/** Who owns the processes: the engine, a unit (whose own stop is long enough, or as short as Kolla's), or a unit that cannot be reached. */
export const OWNERS = ['engine', 'unit, long stop', 'unit, short stop', 'rename-first'] as const;
export type OwnerKind = (typeof OWNERS)[number];

/** What a seed plays: one service of one small cloud, and how its people want it upgraded. */
export type Shape = {
  readonly service: 'placement' | 'glance' | 'cinder' | 'keystone';
  /** Only the service's API container is there. */
  readonly onlyApi: boolean;
  readonly hosts: number;
  readonly owner: OwnerKind;
  readonly restartPolicy: 'always' | 'unless-stopped' | 'on-failure' | 'no';
  /** To the next release, with migrations; else to a newer build of the same one. */
  readonly crossing: boolean;
  /** The target's configuration is exchanged, too. */
  readonly configs: boolean;
  readonly haproxy: boolean;
  readonly prepulled: boolean;
  readonly prefix: string;
  /** Another service stands on the hosts, and must be left alone. */
  readonly neighbour: boolean;
  /** The bot keeps its messages in Slack; else people know the runs' buttons from elsewhere. */
  readonly drawn: boolean;
  readonly target: ReleaseKind;
  readonly readyAfterMs: number;
  readonly stopsAfterMs: number;
  readonly onFailure: 'roll-back' | 'ask';
  readonly approvals: number;
  readonly requesterCounts: boolean;
  readonly expires: string;
  readonly health: { interval: string; successes: number; minimum: string; deadline: string };
  readonly patience: { readonly tries: number; readonly pauseMs: number; readonly maxPauseMs: number };
};

const TARGETS: Readonly<Record<ReleaseKind, number>> = {
  good: 14,
  'never-healthy': 1,
  'cannot-start': 1,
  exits: 1,
  flaps: 1,
  'migration-fails': 1,
  lies: 1,
};

const drawHealth = (random: Random): Shape['health'] => ({
  interval: random.pick(['500ms', '1s', '2s']),
  successes: random.between(1, 3),
  minimum: random.pick(['0s', '2s', '5s']),
  deadline: random.pick(['20s', '60s', '90s']),
});

export const drawShape = (random: Random): Shape => {
  const service = random.weighted({ placement: 4, glance: 3, cinder: 8, keystone: 5 });
  const owner = random.pick(OWNERS);
  const crossing = random.chance(0.6);
  const hosts = Number(random.weighted({ 1: 15, 2: 4, 3: 1 }));
  return {
    service,
    onlyApi: random.chance(0.85),
    hosts,
    owner,
    restartPolicy:
      owner === 'engine' ? random.weighted({ always: 3, 'unless-stopped': 5, 'on-failure': 1 }) : 'no',
    crossing,
    configs: crossing && random.chance(0.4),
    haproxy: hosts > 1 && random.chance(0.5),
    prepulled: random.chance(0.6),
    prefix: random.chance(0.15) ? 'site_' : '',
    neighbour: random.chance(0.3),
    drawn: true,
    target: crossing ? random.weighted(TARGETS) : 'good',
    readyAfterMs: random.pick([0, 0, 1_000, 8_000]),
    stopsAfterMs: random.pick([0, 500, 2_000, 70_000]),
    onFailure: random.pick(['roll-back', 'ask']),
    approvals: random.pick([1, 1, 2]),
    requesterCounts: random.chance(0.2),
    expires: random.pick(['2m', '30m', '30m']),
    health: drawHealth(random),
    patience: random.pick([
      { tries: 4, pauseMs: 100, maxPauseMs: 1_000 },
      { tries: 10, pauseMs: 200, maxPauseMs: 8_000 },
    ]),
  };
};

/** The least that an upgrade can be: every boundary of one container's exchange, and people, for a third of the work. */
export const brief = (shape: Shape): Shape => ({
  ...shape,
  onlyApi: true,
  hosts: 1,
  haproxy: false,
  configs: false,
  neighbour: false,
  drawn: false,
  health: { ...shape.health, interval: '2s' },
});

export const shapeInWords = (shape: Shape): string =>
  [
    `${shape.service} on ${shape.hosts} ${shape.hosts === 1 ? 'host' : 'hosts'}`,
    `owned by ${shape.owner}${shape.owner === 'engine' ? ` (${shape.restartPolicy})` : ''}`,
    shape.crossing ? 'to the next release' : 'to a newer build',
    ...(shape.target === 'good' ? [] : [`whose image is ${shape.target}`]),
    ...(shape.configs ? ['with its configuration'] : []),
    ...(shape.haproxy ? ['behind HAProxy'] : []),
    ...(shape.neighbour ? ['with a neighbour'] : []),
    ...(shape.drawn ? [] : ['without a thread']),
    `on failure ${shape.onFailure}`,
    `${shape.approvals} approvals`,
  ].join(', ');
