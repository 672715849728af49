import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnv } from '../../src/config.js';
import { forgetTokens } from '../../src/env.js';

const TSX = import.meta.resolve('tsx');
const pathOf = (file: string): string => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

const TOKENS = {
  SLACK_BOT_TOKEN: 'xoxb-17-not-a-real-token',
  SLACK_APP_TOKEN: 'xapp-1-not-a-real-token',
  SLACK_SIGNING_SECRET: 'not-a-real-signing-secret',
};

let folder = '';
let seen = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackswap-tokens-'));
  seen = join(folder, 'seen');
  writeFileSync(
    join(folder, 'cloud.yaml'),
    'channel: C012ABCDEF\nhosts: [{ name: c1, engine: unix:///nowhere.sock }]\npeople: [{ name: Erin, login: erin, roles: [viewer] }]\n',
  );
  // Stands in for flock(1), the first child of every process of ours, and writes down all that it was given.
  writeFileSync(join(folder, 'flock'), `#!/bin/sh\n{ echo "began $*"; env; } >>'${seen}'\nexit 0\n`, {
    mode: 0o755,
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (file: string, words: readonly string[]) => {
  const env = {
    ...TOKENS,
    PATH: `${folder}:${process.env.PATH}`,
    SUDO_USER: 'erin',
    SUDO_UID: '1000',
    SLACK_API_URL: 'http://127.0.0.1:9/',
    SLACK_MODE: 'http',
    SLACK_HTTP_PORT: '1',
    STACKSWAP_CONFIG: join(folder, 'cloud.yaml'),
    STACKSWAP_STATE: join(folder, `state-${words.length}`),
  };
  const child = spawn(process.execPath, ['--import', TSX, pathOf(file), ...words], { cwd: folder, env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  return { child, text: () => printed };
};

test('no child of the command line has a token in its environment or among its words', async () => {
  const { child, text } = start('cli/main.ts', ['history']);
  expect(await once(child, 'close')).toEqual([0, null]);
  const given = readFileSync(seen, 'utf8');
  expect(given).toContain('began ');
  expect(given).toContain('PATH=');
  for (const token of Object.values(TOKENS)) expect(given + text()).not.toContain(token);
});

test('no child of the bot has one, and neither has its own list of words', async () => {
  rmSync(seen, { force: true });
  const { child, text } = start('main.ts', []);
  while (!text().includes('Stackswap is up')) await once(child.stdout, 'data');
  const words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
  child.kill('SIGTERM');
  await once(child, 'close');
  const given = readFileSync(seen, 'utf8');
  expect(given).toContain('began ');
  for (const token of Object.values(TOKENS)) expect(given + text() + words).not.toContain(token);
});

test('tokens are forgotten by the environment that children inherit', () => {
  const env: Record<string, string | undefined> = { ...TOKENS, PATH: '/bin' };
  forgetTokens(env);
  expect(env).toEqual({ PATH: '/bin' });
});

const fileWith = (mode: number): string => {
  const file = join(folder, `token-${mode.toString(8)}`);
  writeFileSync(file, `${TOKENS.SLACK_BOT_TOKEN}\n`);
  chmodSync(file, mode);
  return file;
};
const settings = (change: Record<string, string>) =>
  parseEnv({
    SLACK_APP_TOKEN: TOKENS.SLACK_APP_TOKEN,
    STACKSWAP_CONFIG: 'x',
    STACKSWAP_STATE: 'y',
    ...change,
  });

test('a token may lie in a file that not everybody can read', () => {
  for (const mode of [0o400, 0o600, 0o440])
    expect(settings({ SLACK_BOT_TOKEN_FILE: fileWith(mode) }).SLACK_BOT_TOKEN.reveal()).toBe(
      TOKENS.SLACK_BOT_TOKEN,
    );
});

test('a file that everybody can read, or that is not there, is refused with what to do', () => {
  const open = fileWith(0o644);
  expect(() => settings({ SLACK_BOT_TOKEN_FILE: open })).toThrow(
    `SLACK_BOT_TOKEN_FILE names ${open}, which everybody on this machine may read or change. chmod 400 ${open}`,
  );
  expect(() => settings({ SLACK_BOT_TOKEN_FILE: join(folder, 'none') })).toThrow('which cannot be read');
});
