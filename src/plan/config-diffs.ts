import type { LookedAt } from './config-look.js';
import type { ConfigDiff } from './plan.js';

/** Most lines that are kept of one file, and of a plan together; the same change on several hosts counts once. */
const MOST = { file: 40, plan: 200 } as const;

const cut = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), `… ${lines.length - most} more lines`];

/** The differences of all containers, bounded, in the order in which they were found. */
export const boundedDiffs = (looked: readonly LookedAt[]): readonly ConfigDiff[] => {
  const shown = new Map<string, readonly string[]>();
  let left: number = MOST.plan;
  const bounded = (lines: readonly string[], path: string): readonly string[] => {
    const key = JSON.stringify([path, lines]);
    const known = shown.get(key);
    if (known) return known;
    const kept = cut(lines, Math.min(MOST.file, left));
    left -= Math.min(lines.length, MOST.file, left);
    shown.set(key, kept);
    return kept;
  };
  return looked
    .filter(({ differences }) => differences.length > 0)
    .map(({ found, differences }) => ({
      host: found.seen.host,
      container: found.seen.name,
      files: differences.map((file) => ({ ...file, lines: bounded(file.lines, file.path) })),
    }));
};
