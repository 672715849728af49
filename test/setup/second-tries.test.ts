import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

type Planned = { readonly file: string; readonly tries: number };

const ROOT = join(import.meta.dirname, '..', '..');

/** What `vitest run` would play, in CI or on somebody's own machine. */
const plannedWith = (ci: boolean): readonly Planned[] => {
  const { CI: _ci, ...env } = process.env;
  return JSON.parse(
    execFileSync(join(ROOT, 'node_modules', '.bin', 'tsx'), [join(import.meta.dirname, 'planned.ts')], {
      cwd: ROOT,
      env: ci ? { ...env, CI: 'true' } : env,
      encoding: 'utf8',
    }),
  ) as readonly Planned[];
};

/** Where what fails now and then is a race, or a right that somebody has now and then. */
const FOLDERS = ['app', 'authority', 'injection', 'redact', 'run', 'slack', 'store'];
const APART = ['newer-engine', 'openstack'];

const folderOf = (file: string): string => file.split('/')[1] ?? '';

const allFiles = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`)
  .filter((file) => !APART.includes(folderOf(file)));

describe('in CI', () => {
  let planned: readonly Planned[] = [];
  beforeAll(() => {
    planned = plannedWith(true);
  });

  test('every file of tests is played, and played once', () => {
    expect(planned.map(({ file }) => file).toSorted()).toEqual(allFiles.toSorted());
  });

  test.each(FOLDERS)('no test of %s gets a second try', (folder) => {
    const files = planned.filter(({ file }) => folderOf(file) === folder);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ tries }) => tries > 0)).toEqual([]);
  });

  test('every other test gets one, as a landing on an overloaded machine', () => {
    const others = planned.filter(({ file }) => !FOLDERS.includes(folderOf(file)));
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter(({ tries }) => tries !== 1)).toEqual([]);
  });
});

test('a person’s machine gives no test a second try', () => {
  expect(plannedWith(false).filter(({ tries }) => tries > 0)).toEqual([]);
});
