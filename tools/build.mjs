// npm's `prepare` hook: builds dist/ where the compiler is installed, and says what to do where it is not.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, 'node_modules', '.bin', 'tsc');

if (existsSync(compiler)) {
  const { status } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else if (!existsSync(join(root, 'dist', 'src', 'main.js'))) {
  console.error(
    'dist/ is not built, and without its development packages this install cannot build it.\n' +
      'Run `npm ci && npm run build`, then `npm prune --omit=dev`; or bring dist/ from a machine that did.',
  );
}
