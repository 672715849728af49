import type { Block, Line } from '../command.js';

/** No block at all for an empty list: Slack refuses those. */
export const listBlocks = (lines: readonly Line[]): readonly Block[] =>
  lines.length === 0 ? [] : [{ kind: 'list', lines }];
