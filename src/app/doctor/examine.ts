import type { HostConfig } from '../../config.js';
import { within } from '../../engine/deadline.js';
import { messageOf } from '../../errors.js';
import { inspectAll } from '../../plan/observe.js';
import type { Workshop } from '../../run/runner.js';
import { api } from './api.js';
import { balancers } from './balancers.js';
import { type Check, type HostCheck, type HostUnderCheck, know, mend } from './check.js';
import { clock } from './clock.js';
import { disk } from './disk.js';
import { health } from './health.js';
import { kollaConfig } from './kolla-config.js';
import { leftovers } from './leftovers.js';
import { reach } from './reach.js';
import { targetConfig } from './target-config.js';
import { units } from './units.js';
import { version } from './version.js';

/** Milliseconds. */
export type Limits = {
  /** Until an engine must have said who it is. */
  readonly reach: number;
  /** For each check, and for reading the containers. */
  readonly check: number;
};

export type HostReport = {
  readonly host: string;
  readonly tookMs: number;
  readonly checks: readonly Check[];
  /** What was seen, for the checks of the whole cloud; absent where the engine did not answer. */
  readonly seen?: HostUnderCheck;
};

/** In the order in which they are told. */
const CHECKS: Readonly<Record<string, HostCheck>> = {
  'versions of API and engine': version,
  clock,
  'free space': disk,
  containers: health,
  units,
  APIs: api,
  'load balancer': balancers,
  configuration: kollaConfig,
  'target configuration': targetConfig,
  leftovers,
};

/** A check that hangs or throws says so itself, and never hides the others. */
const bounded = async (
  [name, check]: readonly [string, HostCheck],
  host: HostUnderCheck,
  limitMs: number,
): Promise<readonly Check[]> => {
  try {
    return await within(limitMs, check(host));
  } catch (error) {
    return [
      know('unchecked', {
        what: `${name}: could not be looked at (${messageOf(error)}).`,
        why: 'Nothing is known of it, neither good nor bad.',
        wayOut: 'Ask again; if it stays so, the host is slow or its connection is being cut.',
      }),
    ];
  }
};

const unread = (error: unknown): Check =>
  mend('containers', {
    what: `The containers could not be read: ${messageOf(error)}.`,
    why: 'Plans for services that run here are refused.',
    wayOut: 'See what the engine says itself: `docker ps -a` on the host, and `journalctl -u docker`.',
  });

/** Every check of one host. Throws nothing: what fails is a finding. */
export const examine = async (
  host: HostConfig,
  workshop: Pick<Workshop, 'config' | 'journal' | 'engineOf' | 'unitsOf' | 'clock'>,
  limits: Limits,
): Promise<HostReport> => {
  const began = workshop.clock.now();
  const report = (checks: readonly Check[], seen?: HostUnderCheck): HostReport => ({
    host: host.name,
    tookMs: workshop.clock.now() - began,
    checks,
    ...(seen ? { seen } : {}),
  });
  const { check, reached } = await reach(host, () => workshop.engineOf(host.name), {
    clock: workshop.clock,
    limitMs: limits.reach,
  });
  if (!reached) return report([check]);
  const engine = workshop.engineOf(host.name);
  try {
    const containers = await within(limits.check, inspectAll(engine));
    const seen = { host, engine, units: workshop.unitsOf(host.name), workshop, ...reached, containers };
    const found = await Promise.all(Object.entries(CHECKS).map((one) => bounded(one, seen, limits.check)));
    return report([check, ...found.flat()], seen);
  } catch (error) {
    return report([check, unread(error)]);
  }
};
