import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const written = z.object({
  commit: z.string().regex(/^[0-9a-f]{12}$/),
  at: z.iso.datetime(),
  rows: z
    .array(
      z.object({
        shape: z.string().optional(),
        engine: z.string().optional(),
        what: z.string(),
        tried: z.int().positive(),
        struck: z.int().positive(),
        acknowledged: z.int().positive().optional(),
        lost: z.literal(0),
      }),
    )
    .min(1),
  lost: z.array(z.string()).max(0),
});
type Row = z.infer<typeof written>['rows'][number];

/** Rows of a torture that lost nothing, played on what a commit holds and nothing else. */
const rowsOf = (name: string): readonly Row[] => written.parse(JSON.parse(read(`bench/${name}`))).rows;

const grouped = (number: number): string => number.toLocaleString('en-US');

const sum = (rows: readonly Row[], key: 'tried' | 'struck' | 'acknowledged'): string =>
  grouped(rows.reduce((all, row) => all + (row[key] ?? 0), 0));

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

const about = (rows: readonly Row[], word: string): readonly Row[] => {
  const found = rows.filter(({ what }) => what.includes(word));
  expect(found.length).toBe(1);
  return found;
};

test('what is said of the torture of the journal is what was counted', () => {
  const rows = rowsOf('torture-store.json');
  const kills = sum(about(rows, 'SIGKILL'), 'struck');
  const cuts = sum(about(rows, 'power cut'), 'struck');
  const events = sum(rows, 'acknowledged');
  const deaths = `${kills} SIGKILLs of a writing process and ${cuts} power cuts of a loop device`;
  expect(read('README.md')).toContain(`${deaths}, ${events} acknowledged events, none lost`);
  expect(read('CHANGELOG.md')).toContain(`${deaths} lost none of ${events} acknowledged events`);
});

test('what is said of the torture on a real engine is what was counted', () => {
  const rows = rowsOf('torture-engine.json');
  const shapes = new Set(rows.map(({ shape }) => shape)).size;
  expect(read('README.md')).toContain(
    `${sum(rows, 'tried')} upgrades and roll backs (${sum(rows, 'struck')} of them struck) of ${WORDS[shapes]} shapes of containers`,
  );
});

test('what is said of engines that halt is what was counted', () => {
  const rows = rowsOf('torture-halts.json');
  expect(sum(rows, 'struck')).toBe(sum(rows, 'tried'));
  const engines = WORDS[new Set(rows.map(({ engine }) => engine)).size];
  const sampled = rows.every(({ what }) => what.startsWith('one kind of halt in turn'));
  expect(read('docs/faults.md')).toContain(
    `${sum(rows, 'tried')} upgrades and roll backs on ${engines} engines, each of them halted, none lost (\`bench/torture-halts.json\`, from \`npm run torture:halts${sampled ? ' -- --sample' : ''}\``,
  );
});
