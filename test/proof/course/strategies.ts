import type { UpgradeRequest } from '../../../src/app.js';
import type { KollaRelease } from '../../../src/sim/kolla-image.js';
import type { Part } from '../../run/mishaps.js';
import type { Ground, GroundOptions } from './ground.js';
import { newGround } from './ground.js';

/** One way in which a service is exchanged, and a cloud in which it is exchanged so. */
export type Strategy = {
  readonly name: string;
  readonly request: UpgradeRequest;
  readonly parts: readonly Part[];
  /** Where an upgrade ends in which nothing else goes wrong. */
  readonly ends: 'upgraded' | 'rolled-back';
  /** Whether one container on one host is all that is exchanged. */
  readonly single: boolean;
  /** Whether no unit, or one that can be ordered about, owns the processes. */
  readonly unitsInReach: boolean;
  ground(options: Pick<GroundOptions, 'unitsMayFail'>): Promise<Ground>;
};

export const PARTS: readonly Part[] = ['forward', 'back', 'finalize'];

type Owned = Pick<GroundOptions, 'blind'> & { readonly systemd?: { readonly stopSeconds: number } | true };

/** Who owns the process: the engine; a unit whose own stop is long enough, or as Kolla's too short; one out of reach. */
const OWNERS: Readonly<Record<string, Owned>> = {
  engine: {},
  'unit-long': { systemd: { stopSeconds: 600 } },
  'unit-short': { systemd: true },
  'rename-first': { systemd: true, blind: true },
};

const strategy = (
  name: string,
  { service, ...options }: GroundOptions & { readonly service: string },
): Strategy => ({
  name,
  request: { service, ...(options.rebuilt ? {} : { to: '2025.2' }), overrides: { backup: 'taken' } },
  parts: PARTS,
  ends: 'upgraded',
  single: options.only !== undefined,
  unitsInReach: !options.blind,
  ground: (more) => newGround({ ...options, ...more }),
});

const owned = Object.entries(OWNERS).flatMap(([name, { blind = false, systemd = false }]) => [
  strategy(name, {
    service: 'cinder',
    only: 'cinder_api',
    shape: { services: ['cinder'], systemd },
    blind,
    rebuilt: true,
  }),
  strategy(`${name}+config`, {
    service: 'cinder',
    only: 'cinder_api',
    shape: { services: ['cinder'], systemd, configs: true },
    blind,
  }),
]);

/** A third container does what the second one does. */
const TWO_OF_CINDER = { services: ['cinder'], leftOut: ['cinder_volume'] };

/** The new version is no good, each time in another way: the run goes back by itself, or asks in vain. */
const bad = (name: string, owner: Owned, release: Omit<KollaRelease, 'id'>): Strategy => ({
  ...strategy(name, {
    service: 'cinder',
    only: 'cinder_api',
    shape: {
      services: ['cinder'],
      systemd: owner.systemd ?? false,
      releases: [{ id: '2025.1' }, { id: '2025.2', ...release }],
    },
    blind: owner.blind ?? false,
  }),
  parts: ['forward'],
  ends: 'rolled-back',
  single: false,
});

export const STRATEGIES: readonly Strategy[] = [
  ...owned,
  bad('ends-early', {}, { kind: 'exits', readyAfterMs: 2_000 }),
  bad('never-healthy', { systemd: true }, { kind: 'never-healthy' }),
  bad('flaps', {}, { kind: 'flaps' }),
  bad('cannot-start', { systemd: true, blind: true }, { kind: 'cannot-start' }),
  // Migration before, restarts and an online migration in Finalize, and more than one container.
  strategy('migrated', { service: 'cinder', shape: TWO_OF_CINDER }),
  strategy('migrated+unit', { service: 'cinder', shape: { ...TWO_OF_CINDER, systemd: true } }),
  // The old version cannot live with the new schema: only a restored database leads back.
  strategy('one-way', { service: 'placement', shape: { services: ['placement'] } }),
  // The last part of the schema moves in Finalize, and nothing leads back from there.
  strategy('contract', {
    service: 'keystone',
    shape: { services: ['keystone'], leftOut: ['keystone_ssh', 'keystone_fernet'] },
  }),
  strategy('drained', {
    service: 'placement',
    rebuilt: true,
    shape: { services: ['placement'], hosts: 2, haproxy: {} },
  }),
  {
    ...strategy('drained+unit', {
      service: 'placement',
      rebuilt: true,
      shape: { services: ['placement'], hosts: 2, haproxy: {}, systemd: true },
    }),
    // Its way back is that of the two strategies that it is made of.
    parts: ['forward'],
  },
];

export const strategyNamed = (name: string): Strategy => {
  const found = STRATEGIES.find((one) => one.name === name);
  if (!found) throw new Error(`there is no strategy ${name}`);
  return found;
};
