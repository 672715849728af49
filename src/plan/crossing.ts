import { judgeJump, type Release } from '../catalogue/releases.js';
import type { Choice } from './target.js';

/**
 * Whether the plan crosses a release boundary. A tag whose release is not known counts as crossing: then the schema may
 * move and the configuration must fit. Within a release OpenStack's stable policy allows no schema change.
 */
export const crosses = ({ release, running, tag, runningTags }: Choice): boolean => {
  if (runningTags.every((one) => one === tag)) return false;
  return release === undefined || running.some((from) => from === undefined || from.id !== release.id);
};

/** The first running release from which the target is not a supported step; downgrades apart. */
export const badJump = ({ release, running }: Choice): { reason: string; down: boolean } | undefined => {
  if (!release) return undefined;
  for (const from of running.filter((one): one is Release => one !== undefined)) {
    const { supported, reason } = judgeJump(from, release);
    if (!supported) return { reason, down: reason.startsWith('OpenStack supports no downgrade') };
  }
  return undefined;
};
