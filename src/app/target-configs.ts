import {
  type ConfigLook,
  NO_CONFIGS,
  observeConfigs,
  type SeenConfigs,
  unprepared,
} from '../plan/configs.js';
import type { Observation } from '../plan/observe.js';
import type { Finding, Plan } from '../plan/plan.js';
import { block, warn } from '../plan/standing.js';
import type { Phase } from '../run/phase.js';
import type { Workshop } from '../run/runner.js';

/** In these what was approved is still to be installed somewhere. */
const INSTALLING: readonly Phase[] = ['approved', 'running', 'paused', 'interrupted'];

/** Whether what lies in the release's folders is installed as it is. */
export const installs = (plan: Plan): boolean =>
  plan.steps.some((step) => step.kind === 'swap' && step.config !== undefined);

const userOf = ({ journal }: Workshop, release: string): string | undefined =>
  Object.values(journal.state().runs).find(
    ({ phase, plan }) => INSTALLING.includes(phase) && plan.to.release === release && installs(plan),
  )?.id;

/** Has the target's configuration rendered anew; answers with what people should know of it. */
const renderAnew = async (
  observation: Observation,
  look: ConfigLook,
  workshop: Workshop,
): Promise<Finding | undefined> => {
  const { target_config: settings } = workshop.config;
  const { release } = look.choice;
  const hosts = unprepared(observation, look).map(({ host }) => host.name);
  if (!settings?.command || !release || hosts.length === 0) return undefined;
  const { id: target } = release;
  const folder = settings.folder.replaceAll('{release}', target);
  return workshop.oneRendering(async () => {
    const user = userOf(workshop, target);
    if (user !== undefined)
      return warn(
        'config-not-rendered',
        `The configuration of ${target} was not rendered anew, because run ${user} is using it: it is taken as it lies there.`,
      );
    const service = observation.service.name;
    return refusal(target, await workshop.render({ release: target, service, hosts, folder }));
  });
};

const refusal = (release: string, failure: string | undefined): Finding | undefined =>
  failure === undefined
    ? undefined
    : block(
        'config-pair',
        `The configuration of ${release} could not be rendered: ${failure}`,
        'Run target_config.command by hand with the same environment, mend it, then plan again.',
      );

/** The target release's configuration; rendered anew where a plan is asked for, read as it lies there where one is checked. */
export const targetConfigs = async (
  observation: Observation,
  look: ConfigLook,
  { workshop, anew }: { readonly workshop: Workshop; readonly anew: boolean },
): Promise<SeenConfigs> => {
  const said = anew ? await renderAnew(observation, look, workshop) : undefined;
  if (said?.level === 'block') return { ...NO_CONFIGS, problems: [said] };
  const seen = await observeConfigs(observation, look);
  return { ...seen, problems: [...(said ? [said] : []), ...seen.problems] };
};
