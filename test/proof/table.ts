import type { Counts } from './mutants/counts.js';
import type { Tally } from './tally.js';

export type Row =
  | {
      readonly kind: 'cases';
      readonly what: string;
      /** How many cases there are; none where seeds have no end. */
      readonly of: number | undefined;
      /** One in so many of them was played. */
      readonly every: number;
      readonly tally: Tally;
      readonly seconds: number;
    }
  | (Counts & { readonly kind: 'mutants'; readonly what: string; readonly seconds: number });

const grouped = (number: number): string => number.toLocaleString('en-US');

const endsOf = ({ ends }: Tally): string =>
  Object.entries(ends)
    .sort(([, a], [, b]) => b - a)
    .map(([end, count]) => `${end} ${grouped(count)}`)
    .join(', ');

const killersOf = ({ killed, named, silent, ended }: Counts): string => {
  const simulated = killed - named;
  return `by the simulator ${grouped(simulated)} (by a loss ${grouped(simulated - silent - ended)}, without an end ${grouped(silent)}, by the end of the process ${grouped(ended)}), by a named test ${grouped(named)}`;
};

const cellsOf = (row: Row): readonly string[] =>
  row.kind === 'cases'
    ? [
        row.every > 1 ? `${row.what}: every ${row.every}th` : row.what,
        row.of === undefined ? 'no end' : grouped(row.of),
        grouped(row.tally.tried),
        grouped(row.tally.tried - row.tally.lost),
        grouped(row.tally.lost),
        endsOf(row.tally),
        row.seconds.toFixed(0),
      ]
    : [
        row.what,
        grouped(row.killed + row.lived),
        grouped(row.killed + row.lived),
        `${grouped(row.killed)} killed`,
        `${grouped(row.lived)} lived`,
        killersOf(row),
        row.seconds.toFixed(0),
      ];

const HEAD = ['What was tried', 'Of', 'Tried', 'Survived', 'Lost', 'Ended', 'Seconds'];

export const tableOf = (rows: readonly Row[]): string =>
  [HEAD, ['---', '--:', '--:', '--:', '--:', '---', '--:'], ...rows.map(cellsOf)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Whether nothing was lost and no mutant lived. */
export const holds = (rows: readonly Row[]): boolean =>
  rows.every((row) => (row.kind === 'cases' ? row.tally.lost === 0 : row.lived === 0));

/** One line for a log that is searched. */
export const lastLine = (rows: readonly Row[]): string => {
  const cases = rows.flatMap((row) => (row.kind === 'cases' ? [row.tally] : []));
  const mutants = rows.flatMap((row) => (row.kind === 'mutants' ? [row] : []));
  const add = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
  const tried = add(cases.map((tally) => tally.tried));
  const lost = add(cases.map((tally) => tally.lost));
  const killed = add(mutants.map((row) => row.killed));
  const named = add(mutants.map((row) => row.named));
  const lived = add(mutants.map((row) => row.lived));
  return `proof: ${tried} cases, ${tried - lost} survived, ${lost} lost; ${killed} mutants killed, of these ${killed - named} by the simulator and ${named} by a named test, ${lived} lived`;
};
