import type { HostConfig } from '../config.js';
import { type ReachedHost, reachHost } from '../engine/hosts.js';
import type { Engine } from '../engine/port.js';
import { systemctlUnits } from '../engine/systemctl.js';
import type { Units } from '../engine/units.js';
import { Refusal } from '../errors.js';
import type { Redactor } from '../redact.js';
import { allowedEngine, type Image } from './allowed-engine.js';
import { heldEngine, heldUnits, type Lost } from './held.js';
import { learningEngine } from './learning-engine.js';

export type HostSources = {
  readonly hosts: readonly HostConfig[];
  readonly redactor: Redactor;
  /** From where images may be pulled; absent: from anywhere. */
  readonly registries?: readonly string[] | undefined;
  /** An image that may be pulled all the same: a run goes back to it. */
  readonly isBack?: (image: Image) => boolean;
  /** Why this process may change nothing any more. */
  readonly lost?: Lost;
  /** By host name, where they are not reached by what the hosts file says (simulated ones). */
  readonly engines?: ReadonlyMap<string, Engine> | undefined;
  readonly units?: ReadonlyMap<string, Units> | undefined;
};

/** Engines and units of the configured hosts; over SSH both of a host share one connection. */
export type ReachedHosts = {
  /** Throws `Refusal` for a host that is not configured. */
  readonly engineOf: (host: string) => Engine;
  /** `undefined` where the host has no SSH. */
  readonly unitsOf: (host: string) => Units | undefined;
  /** Ends the SSH connections. */
  close(): Promise<void>;
};

type Reached = Pick<ReachedHost, 'engine'> & Partial<ReachedHost>;

const unitsOver = ({ ssh }: HostConfig, { shell }: Reached): Units | undefined =>
  shell ? systemctlUnits(shell, { sudo: ssh?.sudo ?? false }) : undefined;

/** Throws `Refusal` for an address that is none; nothing is dialled yet. */
export const reachedHosts = ({
  hosts,
  redactor,
  registries,
  isBack = () => false,
  lost = () => undefined,
  engines,
  units,
}: HostSources): ReachedHosts => {
  const known = new Map(
    hosts.map((host) => {
      const given = engines?.get(host.name);
      const reached: Reached = given ? { engine: given } : reachHost(host, { learn: redactor.learn });
      const ownUnits = units?.get(host.name) ?? unitsOver(host, reached);
      return [
        host.name,
        {
          engine: heldEngine(
            allowedEngine(learningEngine(reached.engine, redactor), { registries, isBack }),
            lost,
          ),
          units: ownUnits && heldUnits(ownUnits, lost),
          close: reached.close,
        },
      ] as const;
    }),
  );
  return {
    engineOf: (host) => {
      const engine = known.get(host)?.engine;
      if (engine) return engine;
      throw new Refusal(
        'engine-unreachable',
        `The host ${host} is not in the hosts file.`,
        'Put it back and start Stackswap again: a run that began there needs it.',
      );
    },
    unitsOf: (host) => known.get(host)?.units,
    close: async () => {
      await Promise.all([...known.values()].map((one) => one.close?.()));
    },
  };
};
