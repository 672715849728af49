import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** First cells of a document's tables: `| F12 | …`. */
const rowsOf = (text: string, letter: string): readonly string[] =>
  [...text.matchAll(/^\|\s*([A-Z])(\d+)\s*\|/gm)].flatMap((row) =>
    row[1] === letter ? [`${letter}${row[2]}`] : [],
  );

const numbered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

describe.each([
  { document: 'docs/faults.md', letter: 'F', count: 40 },
  { document: 'docs/faults.md', letter: 'I', count: 12 },
  { document: 'docs/security.md', letter: 'T', count: 25 },
])('$document, $letter', ({ document, letter, count }) => {
  test('has one row for each number, in order', () => {
    expect(rowsOf(read(document), letter)).toEqual(numbered(letter, count));
  });
});

test.each(['docs/faults.md', 'docs/security.md'])('every file that %s names is there', (document) => {
  const named = [...read(document).matchAll(/`((?:test|src|commands|bench|tools|docs)\/[\w./-]+\w)`/g)].map(
    (match) => match[1] ?? '',
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});
