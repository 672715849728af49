import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Person } from '../../src/config.js';
import { doctorOn, saidOfCloud, sceneOf } from './doctor-scene.js';

const SAID = 'Nobody with the role operator or approver has a login.';

const folder = mkdtempSync(join(tmpdir(), 'stackswap-way-in-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the bot writes to its log until it is up, and after it was told to end. */
const lifeOf = async (people: string): Promise<string> => {
  const config = join(folder, 'cloud.yaml');
  writeFileSync(
    config,
    `channel: C012ABCDEF\nhosts: [{ name: c1, engine: unix:///nowhere.sock }]\npeople: [${people}]\n`,
  );
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      SLACK_BOT_TOKEN: 'xoxb-17-not-a-real-token',
      SLACK_SIGNING_SECRET: 'not-a-real-signing-secret',
      SLACK_API_URL: 'http://127.0.0.1:9/',
      SLACK_MODE: 'http',
      SLACK_HTTP_PORT: '1',
      STACKSWAP_CONFIG: config,
      STACKSWAP_STATE: join(folder, 'state'),
    },
  });
  const ended = once(child, 'close');
  let said = '';
  let told = false;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (told || !said.includes('Stackswap is up')) return;
      told = true;
      child.kill('SIGTERM');
    });
  await ended;
  return said;
};

test('the bot warns at its start where nobody could act while Slack is away', async () => {
  const said = await lifeOf('{ name: Vera, login: vera, roles: [viewer] }');
  expect(said).toContain(SAID);
  expect(said).toContain('waits for Resume or Roll back');
});

test('it does not where an operator has a login', async () => {
  const said = await lifeOf('{ name: Olga, login: olga, roles: [operator] }');
  expect(said).toContain('Stackswap is up');
  expect(said).not.toContain(SAID);
});

const told = async (...people: readonly Person[]) => {
  const scene = await sceneOf({ services: ['placement'] });
  return saidOfCloud(await doctorOn(scene, { config: { people: [...people] } }), 'way-in');
};

test('doctor tells of people who all come through Slack', async () => {
  const inSlack: Person = { name: 'Ann', slack: 'U0ANN', roles: ['operator', 'approver'] };
  expect(await told(inSlack)).toEqual([`know: ${SAID}`]);
  expect(await told({ ...inSlack, login: 'ann' })).toEqual([
    'well: Somebody can act at the command line while Slack is away.',
  ]);
});
