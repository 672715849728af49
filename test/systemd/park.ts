import { reachHost } from '../../src/engine/hosts.js';
import { systemctlUnits } from '../../src/engine/systemctl.js';
import type { Units } from '../../src/engine/units.js';
import { hostSchema } from '../../src/host-config.js';
import type { RealDocker } from '../engine/real-docker.js';
import { type EventWatch, watchEvents } from './events.js';
import { type SystemdHost, systemdHost } from './host.js';
import { buildRelease } from './service.js';
import { sshAccess } from './ssh-access.js';

/** A host on which many small cases are played at once, each with its own container, unit and bot. */
export type Park = {
  readonly real: RealDocker;
  readonly host: SystemdHost;
  /** Over one SSH connection. */
  readonly units: Units;
  readonly events: EventWatch;
  /** Removes all that bears the prefix of `real`. */
  close(): Promise<void>;
};

export const openPark = async (real: RealDocker, tags: readonly string[]): Promise<Park> => {
  const host = await systemdHost(real);
  const events = await watchEvents(real);
  for (const tag of tags) await buildRelease(real, tag);
  const access = await sshAccess(host);
  const reached = reachHost(hostSchema.parse({ name: 'node1', engine: access.engine, ssh: access.ssh }));
  if (!reached.shell) throw new Error('a host with ssh has no shell');
  return {
    real,
    host,
    units: systemctlUnits(reached.shell, { sudo: false }),
    events,
    close: async () => {
      events.close();
      await reached.close();
      access.forget();
      await real.cleanUp();
    },
  };
};
