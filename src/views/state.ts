import type { Phase } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { countedApprovals } from '../run/run.js';

/** A mark beside the words, never instead of them. */
const MARKS: Record<Phase, string> = {
  proposed: '🟡',
  approved: '🔵',
  running: '🔵',
  paused: '🟠',
  interrupted: '🟠',
  'rolling-back': '🟣',
  stuck: '🔴',
  upgraded: '🟢',
  finalizing: '🔵',
  'finalize-failed': '🔴',
  finalized: '✅',
  'rolled-back': '↩️',
  rejected: '⚪',
  cancelled: '⚪',
  expired: '⚪',
  voided: '⚪',
  failed: '🔴',
  abandoned: '⚫',
};

export const markOf = (run: Run): string => MARKS[run.phase];

const stepNumber = (run: Run): string => {
  const steps = run.direction === 'finalize' ? run.finalize : run.steps;
  const at = steps.findIndex((step) => step.status !== 'done');
  return at < 0 ? '' : `, step ${at + 1} of ${steps.length}`;
};

const WORDS: Record<Phase, (run: Run) => string> = {
  proposed: (run) => `waiting for approval (${countedApprovals(run).length} of ${run.quorum})`,
  approved: () => 'approved, about to start',
  running: (run) => `upgrading${stepNumber(run)}`,
  paused: () => 'paused: a person must decide',
  interrupted: () => 'interrupted by a restart of Stackswap: a person must decide',
  'rolling-back': () => 'rolling back',
  stuck: () => 'stuck while rolling back: a person must look',
  upgraded: () => 'upgraded, can be rolled back until Finalize',
  finalizing: (run) => `finalizing${stepNumber(run)}`,
  'finalize-failed': () => 'Finalize failed, the old containers are kept',
  finalized: () => 'finalized',
  'rolled-back': () => 'rolled back',
  rejected: () => 'rejected',
  cancelled: () => 'cancelled',
  expired: () => 'expired without a decision',
  voided: () => 'void: the plan no longer fits what is there',
  failed: () => 'failed before anything was changed',
  abandoned: () => 'closed as it was: the rest is to be put right by hand',
};

/** Where a run is, in words that fit behind "is". */
export const stateWords = (run: Run): string => WORDS[run.phase](run);
