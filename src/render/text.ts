import { styleText } from 'node:util';
import type { Block, Line, Reply, Span } from '../command.js';
import { bulleted } from './blocks.js';
import { clean, cleanLine } from './clean.js';
import { utc } from './mrkdwn.js';
import type { Table } from './table.js';
import { taskLines, tasksTitle } from './tasks.js';

export type TextOptions = {
  /** Columns of the terminal; 100 where it is not known. */
  readonly width?: number;
  /** Whether the terminal shows ANSI styles. */
  readonly color?: boolean;
};

type Paint = (style: 'bold' | 'dim', text: string) => string;

const painter =
  (color: boolean): Paint =>
  (style, text) =>
    color && text !== '' ? styleText(style, text, { validateStream: false }) : text;

/** What a span says, without its style. */
const wordsOf = (span: Span): string => {
  if (typeof span === 'string') return clean(span).replace(/[\n\t]+/g, ' ');
  if ('bold' in span) return cleanLine(span.bold);
  if ('code' in span) return cleanLine(span.code);
  return 'time' in span ? utc(span.time) : cleanLine(span.person.name);
};

/** Words of a line with their styles, wrapped at the terminal's width; further lines are indented. */
const wrap = (
  line: Line,
  { width, indent, paint }: { width: number; indent: string; paint: Paint },
): string => {
  const words = line.flatMap((span) => {
    const bold = typeof span === 'object' && 'bold' in span;
    return (wordsOf(span).match(/\s+|\S+/g) ?? []).map((text) => ({
      text,
      shown: bold ? paint('bold', text) : text,
    }));
  });
  let column = indent.length;
  let out = indent;
  for (const { text, shown } of words) {
    if (column + text.length > width && column > indent.length && text.trim() !== '') {
      out = `${out.trimEnd()}\n${' '.repeat(indent.length)}`;
      column = indent.length;
    }
    if (text.trim() === '' && column === indent.length && out !== indent) continue;
    out += shown;
    column += text.length;
  }
  return out.trimEnd();
};

/** Columns as wide as their longest cell, two spaces apart. */
const table = ({ header, rows }: Table, paint: Paint): string => {
  const lines = [header, ...rows].map((row) => header.map((_, at) => cleanLine(row[at] ?? '')));
  const widths = header.map((_, at) => Math.max(0, ...lines.map((line) => [...(line[at] ?? '')].length)));
  const pad = (text: string, at: number) => text + ' '.repeat((widths[at] ?? 0) - [...text].length);
  return lines
    .map((line, index) => paintIf(index === 0, paint, line.map(pad).join('  ').trimEnd()))
    .join('\n');
};

const paintIf = (condition: boolean, paint: Paint, text: string): string =>
  condition ? paint('bold', text) : text;

const drawBlock = (block: Block, { width, paint }: { width: number; paint: Paint }): string => {
  const lines = (all: readonly Line[], indent: string): string =>
    all.map((line) => wrap(line, { width, indent, paint })).join('\n');
  switch (block.kind) {
    case 'heading':
      return paint('bold', cleanLine(block.text));
    case 'line':
      return lines([block.line], '');
    case 'small':
      return paint('dim', lines([block.line], ''));
    case 'list':
      return bulleted(block.lines, '- ')
        .map((line) => wrap(line, { width, indent: '  ', paint }))
        .join('\n');
    case 'table':
      return block.rows.length > 0 ? table(block, paint) : '';
    case 'output':
      return clean(block.text)
        .trimEnd()
        .split('\n')
        .map((line) => `  | ${line}`)
        .join('\n');
    case 'tasks':
      return [paint('bold', tasksTitle(block)), lines(taskLines(block, block.tasks.length), '  ')].join('\n');
    case 'buttons':
      return block.buttons
        .map((button) =>
          `  ${cleanLine(button.label)}: stackswap ${button.verb} ${cleanLine(button.ref.split(':')[0] ?? '')}`.trimEnd(),
        )
        .join('\n');
    case 'divider':
      return paint('dim', '-'.repeat(Math.min(width, 40)));
  }
};

/** Blocks that stand close to what is above them. */
const close = (block: Block, before: Block | undefined): boolean =>
  before !== undefined &&
  (before.kind === 'heading' ||
    (block.kind === before.kind && (block.kind === 'line' || block.kind === 'small')) ||
    (block.kind === 'list' && before.kind === 'line'));

/** A reply for a terminal. Nothing that a container wrote can move the cursor or colour the screen. */
export const renderText = (reply: Reply, options: TextOptions = {}): string => {
  const width = options.width ?? 100;
  const paint = painter(options.color ?? false);
  let out = wrap([{ bold: reply.summary }], { width, indent: '', paint });
  let before: Block | undefined;
  for (const block of reply.blocks) {
    const drawn = drawBlock(block, { width, paint });
    if (drawn.trim() === '') continue;
    out += `${close(block, before) ? '\n' : '\n\n'}${drawn}`;
    before = block;
  }
  return `${out}\n`;
};
