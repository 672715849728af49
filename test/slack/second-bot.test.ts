import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { compile } from '../store/compiled.js';
import { openIn } from '../store/folder.js';
import { soon } from './fake-app.js';

const { program, remove } = compile('src/main.ts');
afterAll(remove);

/** EX_TEMPFAIL of sysexits(3): a supervisor may try again. */
const LOCKED = 75;

/** Stands where Slack is, and counts who comes. */
const slackDoor = async () => {
  let visits = 0;
  const server = createServer((_request, answer) => answer.end('{"ok":false,"error":"internal_error"}'));
  server.on('connection', () => {
    visits += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/api/`, visits: () => visits };
};

const start = (folder: string, slackUrl: string) => {
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      SLACK_BOT_TOKEN: 'xoxb-nobody',
      SLACK_APP_TOKEN: 'xapp-nobody',
      SLACK_API_URL: slackUrl,
      STACKSWAP_CONFIG: join(folder, 'cloud.yaml'),
      STACKSWAP_STATE: join(folder, 'state'),
      STACKSWAP_LOG_LEVEL: 'error',
    },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { ended: once(child, 'close').then(([code]) => code), said: () => said };
};

test('a second bot over one state folder ends before it ever speaks to Slack, so of two replicas one serves', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-second-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'cloud.yaml'),
    'channel: C012ABCDEF\nhosts: [{ name: control1, engine: unix:///nowhere.sock, supervisor: none }]\n',
  );
  const first = await openIn(join(folder, 'state'));
  const slack = await slackDoor();
  const second = start(folder, slack.url);
  expect(await second.ended).toBe(LOCKED);
  expect(second.said()).toContain(`pid ${process.pid}`);
  expect(slack.visits()).toBe(0);
  await first.close();
  // The same program, once the folder is free, does come.
  start(folder, slack.url);
  await soon(() => expect(slack.visits()).toBeGreaterThan(0), 60_000);
});
