import type { Drain } from '../plan/plan.js';
import type { StepContext } from './context.js';

export type Drained = { readonly drain?: Drain };

/** Takes the API's server out of every load balancer and waits until its sessions end or the grace runs out. */
export const drainServers = async (step: Drained, _context: StepContext): Promise<void> => {
  if (!step.drain) return;
  throw new Error('not built yet');
};

/** Puts the server back everywhere and waits until each load balancer sees it up. */
export const readyServers = async (step: Drained, _context: StepContext): Promise<void> => {
  if (!step.drain) return;
  throw new Error('not built yet');
};
