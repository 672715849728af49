import type { TableBlock } from '@slack/types';
import type { Block, Line } from '../command.js';
import { cleanLine, cut } from './clean.js';
import { LIMITS } from './limits.js';

export type Table = Extract<Block, { kind: 'table' }>;

const cell = (text: string | undefined, max: number): string => cut(cleanLine(text ?? ''), max) || '–';

/** Rows that fit Slack's table: 100 rows of 20 cells, 10,000 characters in all. */
export const tableBlock = ({ header, rows }: Table): { block: TableBlock; more: number } => {
  const columns = Math.min(Math.max(1, header.length), LIMITS.tableCells);
  const drawRow = (row: readonly string[]) =>
    Array.from({ length: columns }, (_, at) => ({ type: 'raw_text' as const, text: cell(row[at], 300) }));
  const lines = [header, ...rows].map(drawRow);
  let room: number = LIMITS.tableText;
  const fitting = lines.slice(0, LIMITS.tableRows).filter((line, index) => {
    room -= line.reduce((sum, { text }) => sum + text.length, 0);
    return index === 0 || room >= 0;
  });
  const block: TableBlock = {
    type: 'table',
    rows: fitting,
    column_settings: Array.from({ length: columns }, () => ({ is_wrapped: true })),
  };
  return { block, more: lines.length - fitting.length };
};

/**
 * A table as one line a row, `• cinder_api · host: ctl1 · health: healthy`: unlike columns drawn with spaces it
 * survives a phone's width and a screen reader.
 */
export const tableLines = ({ header, rows }: Table): readonly Line[] =>
  rows.map((row) => [
    { bold: cell(row[0], 300) },
    ...row.slice(1).flatMap((text, index) => {
      const name = cleanLine(header[index + 1] ?? '');
      return cleanLine(text) === '' ? [] : [` · ${name === '' ? '' : `${name}: `}${cell(text, 300)}`];
    }),
  ]);
