import type { Units } from '../engine/units.js';
import type { PlanInput } from './input.js';
import { allFound, type Found, type Observation } from './observe.js';
import type { Finding, Owner } from './plan.js';
import { at, block } from './standing.js';

/** Who owns the process of each container, by `keyOf`; absent: the engine alone. */
export type SeenOwners = ReadonlyMap<string, Owner>;

/** Asks each host whose units own the service's containers. */
export const observeOwners = async (
  _observation: Observation,
  _unitsOf: (host: string) => Units | undefined,
): Promise<SeenOwners> => new Map();

/** Kolla's containers have no restart policy of the engine where a systemd unit owns them (kolla-ansible 16.0 and later). */
export const ownerFindings = ({ observation }: PlanInput): readonly Finding[] => {
  const owned = (one: Found): boolean => one.kollaShaped && ['', 'no'].includes(one.seen.restartPolicy.Name);
  const hosts = new Map(observation.hosts.map(({ host }) => [host.name, host.supervisor]));
  return allFound(observation)
    .filter((one) => {
      const supervisor = hosts.get(one.seen.host);
      return supervisor !== 'none' && (supervisor === 'systemd' || owned(one));
    })
    .map((one) =>
      block(
        'unit-not-controlled',
        `${at(one)} is most likely owned by the unit kolla-${one.seen.name}-container.service, which would start it again while it is swapped.`,
        'If no unit owns it, say `supervisor: none` for the host. Units are not controlled yet.',
      ),
    );
};
