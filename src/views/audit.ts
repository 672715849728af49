import type { Block } from '../command.js';
import type { Run } from '../run/run.js';
import { outputBlocks } from './outputs.js';

/**
 * The head of the journal where the run ended, whole, so that it can be compared later: `stackswap audit verify --head`
 * finds it in the chain, or shows that the chain was built anew.
 */
const auditBlocks = ({ anchor }: Run): readonly Block[] =>
  anchor ? [{ kind: 'small', line: [`Audit: record ${anchor.seq}, `, { code: anchor.hash }] }] : [];

/** What stands below the lines of a run's result. */
export const afterLines = (run: Run): readonly Block[] => [...outputBlocks(run), ...auditBlocks(run)];
