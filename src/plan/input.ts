import type { Config } from '../config.js';
import type { SeenBalancers } from './balancers.js';
import type { SeenConfigs } from './configs.js';
import type { SeenTargets } from './images.js';
import type { Observation } from './observe.js';
import type { SeenOwners } from './owners.js';
import type { Finding, Overrides } from './plan.js';
import type { Choice } from './target.js';

/** Another run or hold that stands in the way, in words. */
export type Obstacle = {
  readonly code: 'run-open' | 'on-hold';
  readonly text: string;
  readonly wayOut: string;
};

/** Everything the planner knows; it asks nobody. */
export type PlanInput = {
  readonly observation: Observation;
  readonly choice: Choice;
  readonly targets: SeenTargets;
  readonly owners: SeenOwners;
  readonly configs: SeenConfigs;
  readonly balancers: SeenBalancers;
  /** What the services themselves will be asked, in words; none without clouds.yaml. */
  readonly asks: readonly string[];
  /** What of that is not answered well as things stand. */
  readonly askProblems: readonly Finding[];
  readonly config: Config;
  readonly overrides: Overrides;
  readonly obstacles: readonly Obstacle[];
  readonly earlierDowntimeMs: readonly number[];
};
