import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const sources = ['src', 'commands'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name)),
);

/** A regular expression stands where a value may begin; a division never does. */
const LITERAL =
  /(?<=[(,=:[!&|?{};>]\s{0,80}|\breturn )\/(?![*/])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

type Found = { readonly where: string; readonly source: string; readonly flags: string };

const isRegex = (source: string, flags: string): boolean => {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    // A slash in a text or a comment: nothing that is ever run.
    return false;
  }
};

const found: readonly Found[] = sources.flatMap((where) =>
  [...readFileSync(join(ROOT, where), 'utf8').matchAll(LITERAL)]
    .map(([, source = '', flags = '']) => ({ where, source, flags }))
    .filter(({ source, flags }) => isRegex(source, flags)),
);

const GENERAL = [
  'a',
  'A',
  '0',
  'a0',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '-',
  '_',
  '.',
  ':',
  '=',
  '"',
  "'",
  '\\"',
  '/',
  '\\',
  '@',
  '<',
  '>',
  ',',
  'a.',
  'a-',
  'a_',
  'a:',
  'a=',
  'a b',
  'a/',
  '://',
  'a://',
  'a@',
  '/a',
  '[',
  '{',
  '(',
  '%',
  '+',
  '*',
  '`',
  'ä',
  '\u202e',
  'password=',
  'key ',
  '$6$',
  'x-token:',
  '--os-password ',
  'a, ',
  '0.',
  '0:',
];

/** Runs of letters that the expression itself is looking for lead it furthest. */
const wordsOf = (source: string): string[] =>
  [...source.replace(/\\[dDwWsSbBpPnrtu]/g, ' ').matchAll(/[A-Za-z][\w-]{1,20}/g)].map(([word]) => word);

const unitsFor = (source: string): string[] => {
  const words = [...new Set(wordsOf(source))].slice(0, 6);
  return [...GENERAL, ...words, ...words.map((word) => `${word} `), ...words.map((word) => `${word}=`)];
};

const LONG = 100_000;
const SHORT = 8_000;
/** Milliseconds of processor time. */
const LIMIT_MS = 50;
const SHORT_LIMIT_MS = 8;
/** On a core that other work shares, one try in a row may be undisturbed. */
const TRIES = 12;

const run = ({ source, flags }: Found, text: string): number => {
  const regex = new RegExp(source, flags);
  const began = process.cpuUsage();
  if (/[gy]/.test(flags)) text.replace(regex, '');
  else regex.exec(text);
  return process.cpuUsage(began).user / 1_000;
};

/** The least of a few tries: other work of the machine only ever adds to it. */
const least = (one: Found, text: string, limit: number): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && best > limit; tries += 1) best = Math.min(best, run(one, text));
  return best;
};

const textOf = (unit: string, prefix: string, length: number): string =>
  `${prefix}${unit.repeat(Math.ceil(length / unit.length))}\u0001!`;

/** What is slow on a short text already would take minutes on a long one: time that grows with the square is told from it. */
const timeOf = (one: Found, unit: string, prefix: string): number => {
  const short = least(one, textOf(unit, prefix, SHORT), SHORT_LIMIT_MS);
  return short > SHORT_LIMIT_MS
    ? short * (LONG / SHORT) ** 2
    : least(one, textOf(unit, prefix, LONG), LIMIT_MS);
};

/** The first text that is too much for it. */
const slow = (one: Found): string[] => {
  const [prefix = ''] = wordsOf(one.source);
  for (const [at, unit] of unitsFor(one.source).entries()) {
    const ms = timeOf(one, unit, at % 3 === 0 ? prefix : '');
    if (ms > LIMIT_MS)
      return [`${one.where}: /${one.source}/${one.flags}: ${ms.toFixed(0)} ms on ${JSON.stringify(unit)} …`];
  }
  return [];
};

test('the expressions of the source are found', () => {
  expect(found.length).toBeGreaterThan(120);
  expect(found.map(({ source }) => source)).toContain('^[UW][A-Z0-9]+$');
  expect(found.filter(({ where }) => where === 'src/redact-patterns.ts').length).toBeGreaterThan(15);
});

test('the judge knows one that takes the square of its text', () => {
  expect(slow({ where: 'here', source: '\\s+$', flags: '' })).not.toEqual([]);
});

test(`each of the ${found.length} expressions reads 100 KB of the worst in less than ${LIMIT_MS} ms`, () => {
  expect([...new Set(found.flatMap(slow))]).toEqual([]);
}, 120_000);
