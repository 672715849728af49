import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HOLES } from '../../src/app/doctor/holes.js';
import { corpus } from '../injection/corpus.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

test('each of the 25 threats but the one that is not met names what shows its control', () => {
  const rows = [...page.matchAll(/^\| (T\d+) \|.*\| (.*) \|$/gm)].map(([, threat, tests]) => [threat, tests]);
  expect(rows).toHaveLength(25);
  expect(rows.filter(([, tests]) => !tests?.includes('`')).map(([threat]) => threat)).toEqual(['T16']);
});

test('the figures that it gives are counted', () => {
  expect(page).toContain(`(${corpus().length} strings)`);
  const tricks = /const TRICKS[^=]*= \[\n([\s\S]*?)\n\];/.exec(
    readFileSync(join(ROOT, 'test/probes/reach.test.ts'), 'utf8'),
  )?.[1];
  expect(page).toContain(`(${tricks?.split('\n').length} ways to write an address)`);
});

test('the holes that it names are those that doctor knows', () => {
  const known = HOLES.map(({ id }) => id).join(' ');
  for (const id of ['CVE-2024-41110', 'CVE-2026-34040']) {
    expect(page).toContain(id);
    expect(known).toContain(id);
  }
});
