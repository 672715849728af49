import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const names = z.record(z.string(), z.string());
const packageFile = z.object({ dependencies: names, devDependencies: names });
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      dev: z.boolean().optional(),
    }),
  ),
});

const own = packageFile.parse(JSON.parse(read('package.json')));
const lock = lockFile.parse(JSON.parse(read('package-lock.json')));
const installed = Object.entries(lock.packages).filter(
  ([path, entry]) => path.startsWith('node_modules/') && !entry.link,
);

/** Raise it only on purpose: each package is somebody more who can change what runs as root on every host. */
const MOST = 60;

const counted = async () => {
  const { productionPackages } = await import('../tools/packages.mjs' as string);
  return z
    .object({ code: z.array(z.object({ name: z.string() })), types: z.array(z.object({ name: z.string() })) })
    .parse(productionPackages(lock));
};

test(`a production install has at most ${MOST} packages with code`, async () => {
  const { code } = await counted();
  expect(code.length).toBeGreaterThan(Object.keys(own.dependencies).length);
  expect(code.length, code.map(({ name }) => name).join(' ')).toBeLessThanOrEqual(MOST);
});

test('every version of our own packages is exact, and the one of the lock file', () => {
  const wanted = Object.entries({ ...own.dependencies, ...own.devDependencies });
  expect(wanted.length).toBeGreaterThan(10);
  for (const [name, version] of wanted) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
  }
});

/** Linters of other systems: whoever develops there gets them, the registry's word alone says which bytes they are. */
const FOREIGN = /^node_modules\/@biomejs\/cli-/;

test('every package of the lock file is fixed by the hash of its content', () => {
  expect(installed.length).toBeGreaterThan(100);
  const loose = installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  expect(loose.filter(([path, { dev }]) => dev !== true || !FOREIGN.test(path))).toEqual([]);
});

test('no production package wants to run a program while it is installed', () => {
  expect(installed.filter(([, entry]) => entry.hasInstallScript && !entry.dev).map(([path]) => path)).toEqual(
    [],
  );
});

const absent = readdirSync(join(ROOT, 'tools/absent'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(absent)('%s is left out, told of, and throws where it is used', (folder) => {
  const { name } = z
    .object({ name: z.string() })
    .parse(JSON.parse(read(`tools/absent/${folder}/package.json`)));
  expect(read('tools/absent/README.md')).toContain(`\`${name}\``);
  expect(lock.packages[`node_modules/${name}`]?.link).toBe(true);
  if (name.startsWith('@types/')) return;
  expect(existsSync(join(ROOT, 'tools/absent', folder, 'index.cjs'))).toBe(true);
  const stub: unknown = createRequire(import.meta.url)(join(ROOT, 'tools/absent', folder, 'index.cjs'));
  const { Client } = Object(stub);
  expect(() => new Client()).toThrow('tools/absent/README.md');
  expect(() => Object(stub)()).toThrow('tools/absent/README.md');
});
