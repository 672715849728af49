import type { SwapStep } from '../plan/plan.js';
import type { StepContext } from './context.js';

/** Before anything is stopped: the rendered files are the approved ones, the host's are those that were seen, and are kept. */
export const keepConfig = async (step: SwapStep, _context: StepContext): Promise<void> => {
  if (!step.config) return;
  throw new Error('not built yet');
};

/** Installs the target release's configuration while nothing that could be started bears the service's name. */
export const installConfig = async (step: SwapStep, _context: StepContext): Promise<void> => {
  if (!step.config) return;
  throw new Error('not built yet');
};

/** Puts the kept configuration back, where this run may have touched it. */
export const restoreConfig = async (step: SwapStep, _context: StepContext): Promise<void> => {
  if (!step.config) return;
  throw new Error('not built yet');
};

/** Removes the helper container that kept the old configuration. */
export const forgetConfig = async (step: SwapStep, _context: StepContext, _index: number): Promise<void> => {
  if (!step.config) return;
  throw new Error('not built yet');
};
