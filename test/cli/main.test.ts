import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { serveControl } from '../../src/cli/control.js';
import { fakeApp } from '../fake-app.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-main-'));
  const people = '[{ name: Erin, login: erin, roles: [viewer, operator] }]';
  const hosts = '[{ name: control1, engine: unix:///nowhere.sock, supervisor: none }]';
  await writeFile(join(folder, 'cloud.yaml'), `channel: C012ABCDEF\nhosts: ${hosts}\npeople: ${people}\n`);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The real command line in a process of its own, typed by Erin. */
const stackswap = (words: readonly string[], settings: Record<string, string> = {}) => {
  const env = {
    PATH: process.env.PATH,
    SUDO_USER: 'erin',
    SUDO_UID: '1000',
    STACKSWAP_LOG_LEVEL: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...words], { cwd: folder, env });
  let printed = '';
  const heard = new EventEmitter();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      heard.emit('more');
    });
  const until = async (wanted: string): Promise<void> => {
    while (!printed.includes(wanted)) await once(heard, 'more');
  };
  const exit = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, exit, until, text: () => printed };
};

const settings = () => ({
  STACKSWAP_CONFIG: join(folder, 'cloud.yaml'),
  STACKSWAP_STATE: join(folder, 'state'),
});

test('without settings it names those that are not set', async () => {
  const { exit, text } = stackswap(['status']);
  expect(await exit).toBe(1);
  expect(text()).toContain('error: Environment: STACKSWAP_CONFIG is not set; STACKSWAP_STATE is not set.');
});

test('without a bot, two command lines at the same moment both get their answer, and the journal keeps both', async () => {
  const [hold, held] = [
    stackswap(['hold', 'cinder', 'storage maintenance'], settings()),
    stackswap(['hold', 'glance', 'image cleaning'], settings()),
  ];
  expect([await hold.exit, await held.exit]).toEqual([0, 0]);
  const status = stackswap(['status'], settings());
  expect(await status.exit).toBe(0);
  expect(status.text()).toContain('cinder is on hold, by Erin');
  expect(status.text()).toContain('glance is on hold, by Erin');
  expect(status.text()).toContain('control1 does not answer');
});

test('with a bot it goes through the bot, and Ctrl-C leaves the run as it is', async () => {
  const app = fakeApp();
  const control = await serveControl({
    app,
    commands: COMMANDS,
    folder: join(folder, 'state'),
    redact: (text) => text,
    log: { info: () => undefined, warn: () => undefined },
  });
  const upgrade = stackswap(['upgrade', 'cinder'], settings());
  await upgrade.until('Waiting for approvals');
  upgrade.child.kill('SIGINT');
  expect(await upgrade.exit).toBe(130);
  expect(upgrade.text()).toContain('The run is left as it is and goes on without this terminal');
  expect(app.run('r1').phase).toBe('proposed');
  await control.stop();
});
