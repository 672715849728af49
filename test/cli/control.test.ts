import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { runAlone } from '../../src/cli/alone.js';
import { askBot, connect } from '../../src/cli/client.js';
import { serveControl } from '../../src/cli/control.js';
import { socketPath } from '../../src/cli/protocol.js';
import { runAt } from '../builders.js';
import { type FakeApp, fakeApp } from '../fake-app.js';

let folder = '';
const stops: (() => Promise<void>)[] = [];
const log = { info: () => undefined, warn: () => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-cli-'));
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(folder, { recursive: true, force: true });
});

const serve = async (app: FakeApp = fakeApp()) => {
  const control = await serveControl({ app, commands: COMMANDS, folder, redact: (text) => text, log });
  stops.push(() => control.stop());
  return control;
};

const ask = async (words: readonly string[], login = 'adam') => {
  const printed: string[] = [];
  const socket = await connect(folder);
  if (!socket) throw new Error('nobody listens');
  return { exit: await askBot(socket, { words, login }, (text) => printed.push(text)), printed };
};

/** What comes back for bytes that no stackswap command would send. */
const sendRaw = async (bytes: string): Promise<string> => {
  const socket = createConnection(socketPath(folder));
  socket.end(bytes);
  return textOf(socket);
};

/** Waits for something that another party does; the test's own deadline ends it. */
const eventually = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('the control socket', () => {
  test('stands in a folder that only its owner may enter', async () => {
    await serve();
    const [parent, socket] = await Promise.all([stat(dirname(socketPath(folder))), stat(socketPath(folder))]);
    expect([parent.mode & 0o777, socket.mode & 0o777]).toEqual([0o700, 0o600]);
  });

  test('answers the same commands, with the exit code last', async () => {
    const app = fakeApp([runAt('upgraded')]);
    await serve(app);
    const { exit, printed } = await ask(['history', 'cinder']);
    expect(exit).toBe(0);
    expect(printed.join('')).toContain('upgraded, can be rolled back until Finalize');
    expect(app.asked).toEqual(['history Adam cinder']);
  });

  test('two people at two terminals: one asks and waits, the other approves', async () => {
    const app = fakeApp();
    await serve(app);
    const upgrade = ask(['upgrade', 'cinder'], 'erin');
    await eventually(() => app.asked.length > 0);
    expect((await ask(['approve', 'r1'], 'olga')).exit).toBe(0);
    app.happen('r1', { kind: 'started' }, { kind: 'upgraded', ms: 1 });
    const { exit, printed } = await upgrade;
    expect(exit).toBe(0);
    expect(printed.join('')).toContain('Olga approved.');
  });

  test('replaces a socket file that a killed process left behind', async () => {
    await mkdir(dirname(socketPath(folder)));
    const dies = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', dies, socketPath(folder)]), 'exit');
    expect(await readdir(dirname(socketPath(folder)))).toEqual(['stackswap.sock']);
    await serve();
    expect((await ask(['services'])).exit).toBe(0);
  });

  test('refuses a second process while the first one listens', async () => {
    await serve();
    await expect(
      serveControl({ app: fakeApp(), commands: COMMANDS, folder, redact: (text) => text, log }),
    ).rejects.toMatchObject({
      code: 'state-locked',
    });
  });

  test.each(['not json\n', '{"words":"status"}\n', '\n'])(
    'answers %j with a refusal, and goes on serving',
    async (bytes) => {
      await serve();
      const lines = (await sendRaw(bytes)).trim().split('\n');
      expect(lines.at(-1)).toBe('{"exit":1}');
      expect(lines[0]).toContain('error: ');
      expect((await ask(['services'])).exit).toBe(0);
    },
  );

  test('stopping ends those who wait, and leaves the run as it is', async () => {
    const app = fakeApp();
    const control = await serve(app);
    const upgrade = ask(['upgrade', 'cinder'], 'erin');
    await eventually(() => app.asked.length > 0);
    await control.stop();
    const { exit, printed } = await upgrade;
    expect(exit).toBe(1);
    expect(printed.join('')).toContain('is left as it is');
    expect(await connect(folder)).toBeUndefined();
  });

  test('a client that goes away ends nothing but its own waiting', async () => {
    const app = fakeApp();
    await serve(app);
    const socket = createConnection(socketPath(folder));
    // An answer that nobody reads makes the cut a reset, as a killed client's is.
    socket.pause();
    socket.write(`${JSON.stringify({ words: ['upgrade', 'cinder'], login: 'erin' })}\n`);
    await eventually(() => app.asked.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect((await ask(['approve', 'r1'], 'olga')).exit).toBe(0);
    expect(app.run('r1').phase).toBe('approved');
  });

  test('without a listener there is nobody to ask, whatever lies in the folder', async () => {
    expect(await connect(folder)).toBeUndefined();
    expect(await connect(join(folder, 'x'.repeat(200)))).toBeUndefined();
  });
});

describe('the command line where no bot runs', () => {
  const alone = (app: FakeApp, words: readonly string[]) => {
    const printed: string[] = [];
    let interrupt = (): void => undefined;
    const exit = runAlone({
      app,
      commands: COMMANDS,
      folder,
      redact: (text) => text,
      log,
      request: { words, login: 'erin' },
      say: (text) => printed.push(text),
      onInterrupt: (listener) => {
        interrupt = listener;
      },
    });
    return { exit, text: () => printed.join('\n'), interrupt: () => interrupt() };
  };

  test('serves the socket meanwhile, so that another person can approve', async () => {
    const app = fakeApp();
    const { exit } = alone(app, ['upgrade', 'cinder']);
    await eventually(() => app.asked.length > 0);
    expect((await ask(['approve', 'r1'], 'olga')).exit).toBe(0);
    app.happen('r1', { kind: 'started' }, { kind: 'upgraded', ms: 1 });
    expect(await exit).toBe(0);
    expect(app.asked.at(-1)).toBe('close');
    expect(await connect(folder)).toBeUndefined();
  });

  test('Ctrl-C while the request waits leaves it waiting, and closes the state', async () => {
    const app = fakeApp();
    const { exit, text, interrupt } = alone(app, ['upgrade', 'cinder']);
    await eventually(() => text().includes('Waiting for approvals'));
    interrupt();
    expect(await exit).toBe(130);
    expect(app.run('r1').phase).toBe('proposed');
    expect(app.asked.at(-1)).toBe('close');
  });

  test('Ctrl-C in the middle of the work does not cut it off; a second one does', async () => {
    const app: FakeApp = { ...fakeApp(), settled: () => new Promise(() => undefined) };
    const { exit, text, interrupt } = alone(app, [
      'upgrade',
      'cinder',
      '--break-glass=API is down since two',
    ]);
    await eventually(() => text().includes('Started without approvals'));
    app.happen('r1', { kind: 'started' });
    interrupt();
    await eventually(() => text().includes('this process does the work itself'));
    expect(app.asked).not.toContain('close');
    interrupt();
    expect(await exit).toBe(130);
  });
});
