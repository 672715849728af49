// All checks by one command: types, lint and format, floors, tests. Runs every one, then says which failed.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const CHECKS = [
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'lint', command: 'biome', args: ['ci', '.'] },
  { name: 'floors', command: 'vitest', args: ['run', 'test/floors.test.ts'] },
  { name: 'tests', command: 'vitest', args: ['run'] },
];

const perform = ({ name, command, args }) => {
  console.log(`\n== ${name}: ${command} ${args.join(' ')}`);
  const begin = Date.now();
  const { status } = spawnSync(join(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    stdio: 'inherit',
  });
  return { name, passed: status === 0, seconds: ((Date.now() - begin) / 1000).toFixed(1) };
};

const results = CHECKS.map(perform);
console.log('');
for (const { name, passed, seconds } of results)
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
