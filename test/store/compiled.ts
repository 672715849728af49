import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type Compiled = { readonly folder: string; readonly program: string; remove(): void };

/**
 * Translates a file and what it imports, so that a process can be started from it many times in a fraction of the time
 * that translating at each start takes. Below node_modules, because there it finds the packages.
 */
export const compile = (file: string): Compiled => {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'stackswap-test-'));
  const settings = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { noCheck: true, rootDir: ROOT, outDir: folder, types: [] },
    include: [],
    files: [join(ROOT, file)],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { stdio: 'inherit' });
  const program = join(folder, relative(ROOT, join(ROOT, file)).replace(/\.ts$/, '.js'));
  return { folder, program, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
