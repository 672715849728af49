import { hash } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type { Block, Line, Reply } from '../command.js';
import { bulleted, type Drawing, drawBlock, drawLines, section } from './blocks.js';
import { cleanLine } from './clean.js';
import { LIMITS } from './limits.js';
import { drawLine } from './mrkdwn.js';

export type { Drawing } from './blocks.js';

export type SlackMessage = { readonly text: string; readonly blocks: KnownBlock[] };

/** Characters that people read in a block, at any depth. */
const textLength = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, inner) => sum + textLength(inner), 0);
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) =>
      sum +
      (typeof inner === 'string'
        ? key === 'text' || key === 'title'
          ? inner.length
          : 0
        : textLength(inner)),
    0,
  );
};

/** Keeps a message inside Slack's limits: buttons always stay, of the rest what comes first. */
const fit = (blocks: readonly KnownBlock[]): readonly KnownBlock[] => {
  const buttons = blocks.filter((block) => block.type === 'actions').slice(0, 10);
  let room = LIMITS.message - textLength(buttons);
  let places = LIMITS.blocks - 1 - buttons.length;
  let left = 0;
  const kept = blocks.filter((block) => {
    if (block.type === 'actions') return buttons.includes(block);
    const fits = left === 0 && textLength(block) <= room && places > 0;
    room -= textLength(block);
    places -= 1;
    if (!fits) left += 1;
    return fits;
  });
  if (left === 0) return kept;
  const note: KnownBlock = {
    type: 'context',
    elements: [
      {
        type: 'plain_text',
        text: `… ${left} more ${left === 1 ? 'part' : 'parts'} of this message ${left === 1 ? 'is' : 'are'} not shown`,
        emoji: false,
      },
    ],
  };
  const firstButtons = kept.findIndex((block) => block.type === 'actions');
  return firstButtons < 0
    ? [...kept, note]
    : [...kept.slice(0, firstButtons), note, ...kept.slice(firstButtons)];
};

/** Lines that follow one another share a section: Slack sets sections far apart. */
const drawAll = (blocks: readonly Block[], drawing: Drawing): readonly KnownBlock[] => {
  const drawn: KnownBlock[] = [];
  let lines: Line[] = [];
  let tables = 0;
  const flush = () => {
    drawn.push(...drawLines(lines, drawing));
    lines = [];
  };
  for (const block of blocks) {
    if (block.kind === 'line') {
      lines.push(block.line);
      continue;
    }
    // A list belongs to the line above it, as to a title.
    if (block.kind === 'list') lines.push(...bulleted(block.lines));
    flush();
    if (block.kind === 'list') continue;
    if (block.kind === 'table' && block.rows.length > 0) tables += 1;
    // Slack allows one table in a message.
    drawn.push(...drawBlock(block, block.kind === 'table' && tables > 1 ? 'plain' : drawing));
  }
  flush();
  return drawn;
};

const digest = (value: unknown): string => hash('sha256', JSON.stringify(value)).slice(0, 12);

/** Slack wants a new `block_id` when an interactive block changes; equal content keeps its ids. */
const named = (blocks: readonly KnownBlock[]): KnownBlock[] => {
  const iteration = digest(blocks);
  return blocks.map((block, index) =>
    block.type === 'actions' ? { ...block, block_id: `buttons-${index}-${iteration}` } : block,
  );
};

/**
 * A reply as a Slack message that keeps every limit of Slack's, whatever the reply holds. `text` is what
 * notifications and screen readers say.
 */
export const renderMessage = (reply: Reply, drawing: Drawing): SlackMessage => {
  const blocks = named(fit(drawAll(reply.blocks, drawing)));
  const text = drawLine([cleanLine(reply.summary) || 'Stackswap'], { max: LIMITS.text, localTimes: false });
  return { text, blocks: blocks.length > 0 ? blocks : [section(text)] };
};
