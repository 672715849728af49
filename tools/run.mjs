// Runs a command of node_modules/.bin, after installing the packages when they are missing or not what the lock
// file says. Plain JavaScript on Node alone, because on a fresh clone nothing else is there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 12];

const nodeIsTooOld = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
};

const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {});

/** npm leaves packages of other platforms out, so an optional package may be missing; its version may not differ. */
const packagesAreThere = () => {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const there = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted)
    .filter(([path]) => path !== '')
    .every(([path, entry]) =>
      there[path] ? there[path].version === entry.version : entry.optional || entry.devOptional,
    );
};

const install = () => {
  console.log('Installing npm packages (npm ci) …');
  // No package's own script is run; what npm's `prepare` would do is done here.
  const { status } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status === 0) {
    spawnSync(process.execPath, [join(root, 'tools', 'build.mjs')], { cwd: root, stdio: 'inherit' });
    return;
  }
  console.error('npm ci failed; what it printed above says why. Without its packages nothing here can run.');
  process.exit(status ?? 1);
};

const run = (name, args) => {
  const own = join(root, 'node_modules', '.bin', name);
  const command = name === 'node' ? process.execPath : existsSync(own) ? own : name;
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child, too; without one the signal reaches only this process.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${name} could not be started: ${error.message}`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
};

const [name, ...args] = process.argv.slice(2);
if (!name) {
  console.error('usage: node tools/run.mjs <command> [argument …]');
  process.exit(2);
}
if (nodeIsTooOld()) {
  console.error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}
if (!packagesAreThere()) install();
run(name, args);
