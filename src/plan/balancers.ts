import type { PlanInput } from './input.js';
import type { Drain, Finding } from './plan.js';

/** The load balancers in front of each API container, by `keyOf`, and what keeps them from being told. */
export type SeenBalancers = {
  readonly drains: ReadonlyMap<string, Drain>;
  readonly problems: readonly Finding[];
};

export const NO_BALANCERS: SeenBalancers = { drains: new Map(), problems: [] };

export const balancerFindings = ({ balancers }: PlanInput): readonly Finding[] => balancers.problems;
