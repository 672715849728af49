import type { SwapStep } from '../plan/plan.js';
import type { StepContext } from './context.js';

/** Asks the service itself, straight at the new container, until it is ready or the health deadline is over. */
export const requireReady = async (_step: SwapStep, context: StepContext): Promise<void> => {
  if (!context.askService) return;
  throw new Error('not built yet');
};
