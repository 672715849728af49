import type { Plan, Step } from '../plan/plan.js';
import type { StepContext } from './context.js';
import type { StepKind } from './kind.js';
import { migrate } from './migrate.js';
import { pull } from './pull.js';
import { restart } from './restart.js';
import { retire } from './retire.js';
import { settle } from './settle.js';
import { swap } from './swap.js';

/** Every kind of step; forgetting one does not compile. */
export const STEPS: { readonly [K in Step['kind']]: StepKind<Extract<Step, { kind: K }>> } = {
  pull,
  migrate,
  swap,
  restart,
  settle,
  retire,
};

/** The table's row for a step; the type system cannot follow that a row fits its own step, hence the one cast. */
const kindOf = (step: Step): StepKind<Step> => STEPS[step.kind] as unknown as StepKind<Step>;

export const say = (step: Step, plan: Plan): string => kindOf(step).say(step, plan);
export const perform = (step: Step, context: StepContext): Promise<void> =>
  kindOf(step).perform(step, context);
export const canUndo = (step: Step): boolean => kindOf(step).undo !== undefined;
export const undo = async (step: Step, context: StepContext): Promise<void> =>
  kindOf(step).undo?.(step, context);
export const clear = async (step: Step, context: StepContext): Promise<void> =>
  kindOf(step).clear?.(step, context);
