import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.js';
import { commitNow } from '../proof/place.js';

const BENCH = join(import.meta.dirname, '..', '..', 'bench');

/** The commit that is tried; `+` where the checkout has other changes. */
export const commitOf = (): string => {
  try {
    const { id, dirty } = commitNow();
    return `${id}${dirty ? '+' : ''}`;
  } catch (error) {
    return `unknown (${messageOf(error)})`;
  }
};

/** What was tried and counted, and when it began. */
export type Figures = {
  readonly commit: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly report: { readonly rows: readonly object[]; readonly lost: readonly string[] };
};

/**
 * Writes `name` below `folder`, and answers whether it did: figures of a run that lost something, or that tried
 * nothing, do not take the place of those that are there.
 */
export const keepFigures = (
  name: string,
  { commit, began, report }: Figures,
  folder: string = BENCH,
): boolean => {
  if (report.lost.length > 0 || report.rows.length === 0) return false;
  const minutes = Math.round((Date.now() - began) / 60_000);
  const all = { commit, at: new Date(began).toISOString(), minutes, ...report };
  writeFileSync(join(folder, name), `${JSON.stringify(all, null, 2)}\n`);
  return true;
};
