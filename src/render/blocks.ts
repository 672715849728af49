import type { ContextBlock, HeaderBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Block, Line } from '../command.js';
import { actionsBlocks } from './buttons.js';
import { clean, cleanLine, cut } from './clean.js';
import { LIMITS } from './limits.js';
import { drawLine, escapeEntities } from './mrkdwn.js';
import { tableBlock, tableLines } from './table.js';
import { planBlock, taskLines, tasksTitle } from './tasks.js';

/** `rich` uses Slack's newer blocks; `plain` only what every Slack knows, and no markup beyond bold and code. */
export type Drawing = 'rich' | 'plain';

/** `verbatim` keeps Slack from turning addresses and names in a text into links and mentions. */
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true });

export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: mrkdwn(text),
  expand: true,
});

const context = (text: string): ContextBlock => ({ type: 'context', elements: [mrkdwn(text)] });

const moreLines = (count: number): ContextBlock =>
  context(`… ${count} more ${count === 1 ? 'line' : 'lines'}`);

/** Lines in as few sections as hold them; after `most` sections the rest is only counted. */
const sections = (lines: readonly string[], most: number): readonly KnownBlock[] => {
  const drawn: SectionBlock[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) drawn.push(section(open.join('\n')));
    open = [];
  };
  for (const [index, line] of lines.entries()) {
    if (open.join('\n').length + line.length + 1 > LIMITS.text) close();
    if (drawn.length >= most) return [...drawn, moreLines(lines.length - index)];
    open.push(line);
  }
  close();
  return drawn;
};

const header = (text: string): readonly HeaderBlock[] => {
  const shown = cut(cleanLine(text), LIMITS.header);
  return shown === '' ? [] : [{ type: 'header', text: { type: 'plain_text', text: shown, emoji: false } }];
};

/** Text of containers and tools: its end says most, so the beginning is what is cut. A line is
 * cut at 400 characters. */
const output = (text: string): readonly KnownBlock[] => {
  const lines = clean(text)
    .replaceAll('`', 'ˋ')
    .trimEnd()
    .split('\n')
    .map((line) => escapeEntities(cut(line, 400)));
  let room = LIMITS.text - 100;
  let first = lines.length;
  while (first > 0 && room - (lines[first - 1] ?? '').length - 1 >= 0) {
    first -= 1;
    room -= (lines[first] ?? '').length + 1;
  }
  const shown = lines.slice(first).join('\n');
  if (shown.trim() === '') return [];
  const fence = section(`\`\`\`\n${shown}\n\`\`\``);
  return first > 0
    ? [context(`… ${first} more ${first === 1 ? 'line' : 'lines'} before these`), fence]
    : [fence];
};

const drawerOf =
  (drawing: Drawing) =>
  (line: Line, max: number = LIMITS.text) =>
    drawLine(line, { max, localTimes: drawing === 'rich' });

const table = (block: Extract<Block, { kind: 'table' }>, drawing: Drawing): readonly KnownBlock[] => {
  if (block.rows.length === 0) return [];
  if (drawing === 'plain')
    return sections(
      tableLines(block).map((line) => `• ${drawerOf(drawing)(line, LIMITS.text - 2)}`),
      3,
    );
  const { block: drawn, more } = tableBlock(block);
  return more > 0 ? [drawn, moreLines(more)] : [drawn];
};

const tasks = (block: Extract<Block, { kind: 'tasks' }>, drawing: Drawing): readonly KnownBlock[] => {
  if (block.tasks.length === 0) return [];
  if (drawing === 'rich') return [planBlock(block)];
  const draw = drawerOf(drawing);
  return sections(
    [draw([{ bold: tasksTitle(block) }]), ...taskLines(block, LIMITS.tasks).map((line) => draw(line, 600))],
    4,
  );
};

/** Lines with their bullets; those that are numbered need none. */
export const bulleted = (lines: readonly Line[], bullet = '• '): readonly Line[] =>
  lines.map((line) => (typeof line[0] === 'string' && /^\d+\. /.test(line[0]) ? line : [bullet, ...line]));

/** Lines of prose in as few sections as hold them. */
export const drawLines = (lines: readonly Line[], drawing: Drawing): readonly KnownBlock[] =>
  sections(
    lines.map((line) => drawerOf(drawing)(line)).filter((text) => text.trim() !== ''),
    4,
  );

/** One block of a reply as Slack's blocks; an empty one draws nothing, since Slack refuses empty texts. */
export const drawBlock = (block: Block, drawing: Drawing): readonly KnownBlock[] => {
  const draw = drawerOf(drawing);
  switch (block.kind) {
    case 'heading':
      return header(block.text);
    case 'line':
      return drawLines([block.line], drawing);
    case 'list':
      return sections(
        block.lines.map((line) => `• ${draw(line, LIMITS.text - 2)}`),
        3,
      );
    case 'small':
      return [draw(block.line)].filter((text) => text.trim() !== '').map(context);
    case 'output':
      return output(block.text);
    case 'table':
      return table(block, drawing);
    case 'tasks':
      return tasks(block, drawing);
    case 'buttons':
      return actionsBlocks(block.buttons);
    case 'divider':
      return [{ type: 'divider' }];
  }
};
