import { APPROVALS } from './approvals.js';
import { ENGINE } from './engine.js';
import { KEEPING } from './keeping.js';
import type { Mutant } from './mutant.js';
import { PLANNER } from './planner.js';
import { RUNS } from './runs.js';
import { SWAPPING } from './swapping.js';

export const MUTANTS: readonly Mutant[] = [
  ...SWAPPING,
  ...ENGINE,
  ...RUNS,
  ...APPROVALS,
  ...PLANNER,
  ...KEEPING,
];
