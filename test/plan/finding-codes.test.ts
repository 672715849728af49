import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const sources = ['src/plan', 'src/app'].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`${folder}/${name}`)),
);
const codes = new Set(
  sources.flatMap((text) =>
    [...text.matchAll(/\b(?:block|warn)\(\s*'([a-z-]+)'/g)].map(([, code = '']) => code),
  ),
);

/** The tables are looked up by the code that stands behind each finding of a plan. */
test.each([
  ['docs/units.md', /^(unit|units|nobody)-/],
  ['docs/target-config.md', /^config-/],
  ['docs/draining.md', /^(balancer-|single-server$)/],
])('%s lists the findings of its kind, and no other', (page, kind) => {
  const listed = [...read(page).matchAll(/^\| `([a-z]+-[a-z-]+)`/gm)].map(([, code]) => code);
  const found = [...codes].filter((code) => kind.test(code));
  expect(found.length).toBeGreaterThan(3);
  expect(new Set(listed)).toEqual(new Set(found));
});
