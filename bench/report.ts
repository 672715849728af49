/** One part of the report: a heading, and Markdown below it. */
export type Section = { readonly title: string; readonly lines: readonly string[] };

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A Markdown table, padded so that a terminal shows it well, too; followed by an empty line. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = header.map((cell, at) => Math.max(cell.length, ...rows.map((one) => one[at]?.length ?? 0)));
  const padded = (cells: readonly string[]) => row(cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)));
  return [padded(header), row(widths.map((width) => '-'.repeat(width))), ...rows.map(padded), ''];
};

export const markdownOf = ({ title, lines }: Section): string =>
  [`## ${title}`, '', ...lines, ''].join('\n').replace(/\n+$/, '\n');
