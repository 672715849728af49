import type { SettleStep } from '../plan/plan.js';
import type { StepKind } from './kind.js';

export const settle: StepKind<SettleStep> = {
  say: ({ seconds, why }) => `Wait ${seconds} s: ${why}.`,
  perform: ({ seconds }, { clock }) => clock.sleep(seconds * 1000),
};
