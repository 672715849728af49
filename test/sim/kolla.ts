import { type Config, configSchema } from '../../src/config.js';
import type { Engine } from '../../src/engine/port.js';
import type { Units } from '../../src/engine/units.js';
import { type KollaCloud, type KollaOptions, kollaCloud as simulate } from '../../src/sim/kolla.js';

export type KollaScene = KollaCloud & {
  readonly config: Config;
  /** As Stackswap's process sees them; taken when called, so that a new life gets new ones. */
  engines(): Map<string, Engine>;
  /** The hosts' systemd, likewise; empty where no units own the containers. */
  units(): Map<string, Units>;
};

/** What `configSchema` reads; what a scenario names replaces the builder's. */
type Overrides = {
  readonly policy?: object;
  readonly health?: object;
  readonly people?: readonly object[];
  readonly images?: object;
  readonly front_door?: Record<string, string>;
  readonly target_config?: object;
};

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator', 'approver', 'breakglass'] },
  { name: 'Bob', slack: 'U0BOB', login: 'bob', roles: ['approver'] },
  { name: 'Cem', slack: 'U0CEM', login: 'cem', roles: ['viewer'] },
];

/** Health is judged fast: two good looks, no minimum age. */
const HEALTH = { interval: '1ms', successes: 2, minimum: '0ms', deadline: '200ms' };

/**
 * A simulated Kolla cloud with the settings of a bot that looks after it. Only with `serve` do the hosts have an API
 * address: nothing else would answer there.
 */
export const kollaCloud = async (
  options: KollaOptions & { readonly config?: Overrides } = {},
): Promise<KollaScene> => {
  const { config: overrides = {}, ...shape } = options;
  const scene = await simulate(shape);
  const config = configSchema.parse({
    channel: 'C0OPS',
    hosts: scene.hosts.map(({ name, address }) => ({
      name,
      engine: `sim:${name}`,
      ...(shape.serve ? { api_address: address } : {}),
      ports: shape.ports ?? {},
      container_prefix: shape.prefix ?? '',
      ...(shape.systemd ? {} : { supervisor: 'none' }),
      config_fits: scene.releases.map((release) => release.id),
    })),
    releases: Object.fromEntries(
      scene.releases.map((release) => [release.id, { tag: release.tag ?? release.id }]),
    ),
    people: PEOPLE,
    health: HEALTH,
    settle: '0ms',
    ...overrides,
    images: { ...scene.images, pull: 'missing', ...overrides.images },
  });
  return {
    ...scene,
    config,
    engines: () => new Map(scene.hosts.map(({ name }) => [name, scene.cloud.engine(name)])),
    units: () => new Map(shape.systemd ? scene.hosts.map(({ name }) => [name, scene.cloud.units(name)]) : []),
  };
};
