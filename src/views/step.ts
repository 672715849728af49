import type { Step, SwapStep } from '../plan/plan.js';
import { imageOf, shortDigest, tagOf } from './words.js';

/** From → to of one container; two builds under one tag are told apart by their digests. */
export const swapWords = ({ old, target }: SwapStep): string => {
  const [from, to] = [tagOf(old.imageRef), tagOf(target.ref)];
  if (from !== to) return `${from} → ${to}`;
  const newer = target.digest ?? target.imageId;
  return `${from} (${shortDigest(old.identity)}) → ${to}${newer === undefined ? '' : ` (${shortDigest(newer)})`}`;
};

/** A few words for a step, as the title of its line in the live progress. */
export const shortStep = (step: Step): string => {
  switch (step.kind) {
    case 'pull':
      return `Pull ${imageOf(step.target.ref)} on ${step.host}`;
    case 'migrate':
      return `Migrate the database: ${step.phase} (${step.runs})`;
    case 'swap':
      return `Swap ${step.old.name} on ${step.old.host}`;
    case 'restart':
      return `Restart ${step.name} on ${step.host}`;
    case 'settle':
      return `Wait ${step.seconds} s`;
    case 'retire':
      return `Remove the old ${step.name} on ${step.host}`;
  }
};
