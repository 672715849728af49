import type { HostConfig } from '../config.js';
import { crosses } from './crossing.js';
import type { PlanInput } from './input.js';
import type { ConfigChange, ConfigDiff, Finding } from './plan.js';
import { block } from './standing.js';

/** The target release's configuration of each container, by `keyOf`, and why it cannot be used where it cannot. */
export type SeenConfigs = {
  readonly changes: ReadonlyMap<string, ConfigChange>;
  readonly diffs: readonly ConfigDiff[];
  readonly problems: readonly Finding[];
};

export const NO_CONFIGS: SeenConfigs = { changes: new Map(), diffs: [], problems: [] };

/** Image and configuration of a Kolla release are one pair: `/etc/kolla/<service>/config.json` holds the start command. */
export const configFindings = ({ observation, choice, configs }: PlanInput): readonly Finding[] => {
  if (!crosses(choice)) return configs.problems;
  const fits = (host: HostConfig) =>
    choice.release !== undefined && host.config_fits.includes(choice.release.id);
  const unprepared = observation.hosts
    .filter(({ host, found }) => found.length > 0 && !fits(host))
    .map(({ host }) => host.name);
  if (unprepared.length === 0) return configs.problems;
  return [
    ...configs.problems,
    block(
      'config-pair',
      `The plan crosses a release, and ${unprepared.join(', ')} may still hold the old release's configuration.`,
      'Generate it with the target kolla-ansible (genconfig) right before the window, then say `config_fits` for the host.',
    ),
  ];
};
