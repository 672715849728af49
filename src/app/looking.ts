import type { ServiceStatus, UpgradeRequest } from '../app.js';
import { SERVICES, serviceNamed } from '../catalogue/index.js';
import { releaseOfTag } from '../catalogue/releases.js';
import type { Service } from '../catalogue/service.js';
import { EngineError } from '../engine/port.js';
import { messageOf, Refusal } from '../errors.js';
import { observeBalancers } from '../plan/balancers.js';
import { observeTargets } from '../plan/images.js';
import { allFound, type Observation, observeService } from '../plan/observe.js';
import { observeOwners } from '../plan/owners.js';
import type { Plan } from '../plan/plan.js';
import { planUpgrade } from '../plan/plan-upgrade.js';
import { parseReference } from '../plan/reference.js';
import { standingFindings } from '../plan/standing.js';
import { chooseTarget } from '../plan/target.js';
import type { Workshop } from '../run/runner.js';
import { previewAsks } from './asking.js';
import { earlierDowntime, obstaclesFor, openRun, withoutKept } from './open-runs.js';
import { targetConfigs } from './target-configs.js';

const planFrom = async (workshop: Workshop, request: UpgradeRequest, except?: string): Promise<Plan> => {
  const { config, engineOf, journal } = workshop;
  const service = serviceNamed(request.service);
  const observation = withoutKept(await observeService(service, config, engineOf), journal.state());
  const choice = allFound(observation).length === 0 ? NOTHING : chooseTarget(observation, request.to, config);
  const [targets, owners, balancers, asked] = await Promise.all([
    observeTargets(allFound(observation), { choice, config, engineOf }),
    observeOwners(observation, workshop.unitsOf),
    observeBalancers(observation, { config, engineOf }),
    previewAsks(observation, workshop),
  ]);
  const configs = await targetConfigs(
    observation,
    { choice, targets, config, engineOf, rendered: workshop.rendered, saidRelease: workshop.saidRelease },
    { workshop, anew: except === undefined },
  );
  const obstacles = obstaclesFor(journal.state(), service.name).filter(
    (one) => except === undefined || one.code === 'on-hold',
  );
  const earlierDowntimeMs = earlierDowntime(journal.state(), service.name);
  return planUpgrade({
    observation,
    choice,
    targets,
    owners,
    configs,
    balancers,
    ...asked,
    config,
    overrides: request.overrides,
    obstacles,
    earlierDowntimeMs,
  });
};

/** A host that falls silent in the middle of the look is no fault of ours. */
const silentHost = (error: unknown): never => {
  if (!(error instanceof EngineError)) throw error;
  throw new Refusal(
    'engine-unreachable',
    `${error.host} could not be looked at to its end, so there is no plan: ${messageOf(error)}.`,
    'See what is wrong with: doctor. When the host answers again, ask again. Nothing was changed.',
  );
};

/** Looks at the hosts and plans; `except` is a run that does not stand in its own way. */
export const planNow = (workshop: Workshop, request: UpgradeRequest, except?: string): Promise<Plan> =>
  planFrom(workshop, request, except).catch(silentHost);

const NOTHING = { tag: '', release: undefined, running: [], runningTags: [] };

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

const statusOf = (service: Service, observation: Observation, workshop: Workshop): ServiceStatus => {
  const state = workshop.journal.state();
  const found = allFound(observation);
  const hold = state.holds[service.name];
  const run = openRun(state, service.name);
  return {
    service,
    containers: found.map(({ seen, state: runs, health }) => ({ ...seen, state: runs, health })),
    releases: unique(
      found.map(({ seen }) => parseReference(seen.imageRef).tag).map((tag) => releaseOfTag(tag)?.id ?? tag),
    ),
    findings: standingFindings(observation),
    unreachable: observation.unreachable,
    ...(hold ? { hold } : {}),
    ...(run ? { run } : {}),
  };
};

/** One service, or all of the catalogue, as they are now. */
export const lookAt = async (
  workshop: Workshop,
  name: string | undefined,
): Promise<readonly ServiceStatus[]> => {
  const services = name === undefined ? SERVICES : [serviceNamed(name)];
  return Promise.all(
    services.map(async (service) => {
      const observation = await observeService(service, workshop.config, workshop.engineOf);
      return statusOf(service, withoutKept(observation, workshop.journal.state()), workshop);
    }),
  );
};
