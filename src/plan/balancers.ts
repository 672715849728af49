import type { BalancerSeen } from '../balancer/answers.js';
import { readBalancer } from '../balancer/haproxy.js';
import type { Config, HostConfig } from '../config.js';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import { drainsOf } from './drains.js';
import type { PlanInput } from './input.js';
import type { Observation } from './observe.js';
import type { Drain, Finding } from './plan.js';

/** The load balancers in front of each API container, by `keyOf`, and what keeps them from being told. */
export type SeenBalancers = {
  readonly drains: ReadonlyMap<string, Drain>;
  readonly problems: readonly Finding[];
};

export const NO_BALANCERS: SeenBalancers = { drains: new Map(), problems: [] };

/** One HAProxy container as it was found; `silent` says why it could not be read. */
export type Looked = {
  readonly host: string;
  readonly container: string;
  readonly socket: string;
} & ({ readonly seen: BalancerSeen } | { readonly silent: string });

const lookOnce = async (
  host: HostConfig,
  engine: Engine,
  config: Config['load_balancer'],
): Promise<readonly Looked[]> => {
  const place = {
    host: host.name,
    container: `${host.container_prefix}${config.container}`,
    socket: config.socket,
  };
  try {
    const found = await engine.inspect(place.container);
    // One that does not run has no traffic, and forgets every order.
    if (!found?.State.Running) return [];
    return [
      { ...place, seen: await readBalancer({ engine, container: place.container, path: place.socket }) },
    ];
  } catch (error) {
    return [{ ...place, silent: messageOf(error) }];
  }
};

/** One that does not answer at once may be reloading just now: a plan, and its approvals, would be void for that. */
const lookAt = async (...place: Parameters<typeof lookOnce>): Promise<readonly Looked[]> => {
  const looked = await lookOnce(...place);
  return looked.some((one) => 'silent' in one) ? lookOnce(...place) : looked;
};

/**
 * Looks at the HAProxy of every configured host that has one: each of them may hold the virtual address, now or in a
 * moment. A host whose engine does not answer blocks the plan anyway.
 */
export const observeBalancers = async (
  observation: Observation,
  { config, engineOf }: { config: Config; engineOf: (host: string) => Engine },
): Promise<SeenBalancers> => {
  if (!config.load_balancer.drain) return NO_BALANCERS;
  const unreachable = observation.unreachable.map(({ host }) => host);
  const looked = await Promise.all(
    config.hosts
      .filter(({ name }) => !unreachable.includes(name))
      .map((host) => lookAt(host, engineOf(host.name), config.load_balancer)),
  );
  return drainsOf(observation, looked.flat(), config.load_balancer.grace / 1_000);
};

export const balancerFindings = ({ balancers }: PlanInput): readonly Finding[] => balancers.problems;
