import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LONGEST_FILE = 220;

/** Lowest first; a file imports only from its own floor or a lower one. A folder ends with a slash. */
const FLOORS: readonly (readonly string[])[] = [
  [
    'src/errors.ts',
    'src/secret.ts',
    'src/env.ts',
    'src/host-config.ts',
    'src/people-config.ts',
    'src/ssh-place.ts',
    'src/config.ts',
    'src/log.ts',
    'src/redact',
  ],
  ['src/engine/', 'src/kolla/', 'src/sim/'],
  ['src/balancer/'],
  ['src/probes/'],
  ['src/catalogue/'],
  ['src/plan/'],
  ['src/steps/'],
  ['src/openstack/'],
  ['src/run/'],
  ['src/store/'],
  ['src/authority/'],
  ['src/app', 'src/build-app.ts'],
  ['src/command.ts', 'src/parse.ts'],
  ['src/views/'],
  ['commands/'],
  ['src/render/'],
  ['src/slack/', 'src/cli/'],
  ['src/main.ts', 'src/demo/'],
];

/** Folders of npm packages of their own lie below src/demo and are nobody's source. */
const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    );

const floorOf = (file: string): number =>
  FLOORS.findIndex((names) => names.some((name) => file.startsWith(name)));

/** Paths of the project's own files that a file imports, types too; packages are left out. */
const importsOf = (file: string): string[] => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(
    (match) => match[1] ?? '',
  );
  return specifiers.map((specifier) =>
    relative(ROOT, join(ROOT, dirname(file), specifier)).replace(/\.js$/, '.ts'),
  );
};

const source = [...filesBelow('src'), ...filesBelow('commands')].filter((file) => /\.(ts|mjs)$/.test(file));

describe('the floors of the source', () => {
  test('every file stands on a floor', () => {
    expect(source.filter((file) => file.endsWith('.ts') && floorOf(file) < 0)).toEqual([]);
  });

  test('a file imports only from its own floor or a lower one', () => {
    const upwards = source
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        importsOf(file)
          .filter((other) => floorOf(other) > floorOf(file))
          .map((other) => `${file} imports ${other}`),
      );
    expect(upwards).toEqual([]);
  });

  test('an import of a file of ours names a file that is there', () => {
    const missing = source.flatMap((file) =>
      importsOf(file)
        .filter((other) => !existsSync(join(ROOT, other)))
        .map((other) => `${file} imports ${other}`),
    );
    expect(missing).toEqual([]);
  });

  test('only the doors know Slack', () => {
    const knowing = source.filter((file) =>
      /['"]@slack\/(bolt|web-api|socket-mode)/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(knowing.filter((file) => !file.startsWith('src/slack/'))).toEqual([]);
  });
});

describe('the shape of the project', () => {
  test(`no file is longer than ${LONGEST_FILE} lines`, () => {
    const lengthOf = (file: string): number => readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
    expect(
      source.filter((file) => lengthOf(file) > LONGEST_FILE).map((file) => `${file}: ${lengthOf(file)}`),
    ).toEqual([]);
  });

  test('a floating promise is an error of the linter', () => {
    const settings: unknown = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    expect(settings).toMatchObject({ linter: { rules: { nursery: { noFloatingPromises: 'error' } } } });
  });

  test.each([
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'README.md',
    'LICENSE',
    'CONTRIBUTING.md',
    '.env.example',
    'slack-manifest.yaml',
    'docs/comparison.md',
    'docs/decisions.md',
    'docs/refusals.md',
    '.ci/run',
  ])('%s is at its place', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });
});
