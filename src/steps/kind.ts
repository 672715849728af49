import type { Plan, Step } from '../plan/plan.js';
import type { StepContext } from './context.js';

/** What each kind of step knows: to say itself, to be performed (again), and to be undone (again). */
export type StepKind<S extends Step> = {
  /** One sentence in an operator's words. */
  readonly say: (step: S, plan: Plan) => string;
  /** Looks first; may be repeated after any interruption. */
  readonly perform: (step: S, context: StepContext) => Promise<void>;
  /** Absent where there is nothing to take back. Looks first; may be repeated. */
  readonly undo?: (step: S, context: StepContext) => Promise<void>;
  /** Going back, takes away what an interruption left of a step that is not undone; never fails the way back. */
  readonly clear?: (step: S, context: StepContext) => Promise<void>;
};
