import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import { localSlackBinary } from '../../src/demo/local-slack/binary.js';
import { describeUnless } from '../setup/left-out.js';

const MAIN = fileURLToPath(new URL('../../src/demo/main.ts', import.meta.url));
const NO_ENGINE = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

type Demo = {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly ended: Promise<number | null>;
};

/** The demo in a process of its own, with a folder for temporary files that nobody else uses. */
const startDemo = (words: readonly string[], env: Record<string, string>): Demo => {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...words], {
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return {
    child,
    printed: () => output,
    ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
  };
};

const until = async (demo: Demo, words: string): Promise<void> => {
  await expect.poll(demo.printed, { timeout: 60_000 }).toContain(words);
};

/** tsx keeps a cache in the folder for temporary files, which is its own. */
const leftInFolder = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('stackswap-'));

const slackBinary = await localSlackBinary();
const noSlack = 'leftOut' in slackBinary ? slackBinary.leftOut : undefined;
const engine = await localEngine();
const noEngine = 'missing' in engine ? engine.missing : undefined;

describeUnless(noSlack, 'the demo where no engine answers', () => {
  test('says on its first line that the containers are simulated and how to get real ones, and passes', {
    timeout: 300_000,
  }, async () => {
    const demo = startDemo(['--auto'], NO_ENGINE);
    expect(await demo.ended, demo.printed()).toBe(0);
    const lines = demo.printed().trim().split('\n');
    expect(lines[0]).toMatch(/^SIMULATED.*Install Docker/);
    expect(lines.at(-1)).toBe('demo passed');
    expect(await leftInFolder()).toEqual([]);
  });

  test('a Ctrl-C ends it in order and leaves nothing', { timeout: 120_000 }, async () => {
    const demo = startDemo([], NO_ENGINE);
    await until(demo, 'Ctrl-C ends it');
    demo.child.kill('SIGINT');
    expect(await demo.ended, demo.printed()).toBe(0);
    expect(demo.printed()).toContain('Cleaning up');
    expect(await leftInFolder()).toEqual([]);
  });

  test('a Ctrl-C while it plays ends it as interrupted, not as passed', { timeout: 120_000 }, async () => {
    const demo = startDemo(['--auto'], NO_ENGINE);
    await until(demo, 'Ann asks for cinder');
    demo.child.kill('SIGINT');
    expect(await demo.ended, demo.printed()).toBe(130);
    expect(demo.printed()).not.toContain('demo passed');
    expect(await leftInFolder()).toEqual([]);
  });

  test('what a killed demo left is cleared away by the next', { timeout: 120_000 }, async () => {
    const killed = startDemo([], NO_ENGINE);
    await until(killed, 'Ctrl-C ends it');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await leftInFolder()).not.toEqual([]);
    const next = startDemo([], NO_ENGINE);
    await until(next, 'Ctrl-C ends it');
    next.child.kill('SIGTERM');
    expect(await next.ended, next.printed()).toBe(0);
    expect(await leftInFolder()).toEqual([]);
  });
});

describeUnless(noSlack ?? noEngine, 'the demo on this machine’s engine', () => {
  test('plays the whole flow, and ends with demo passed', { timeout: 400_000 }, async () => {
    const demo = startDemo(['--auto'], {});
    expect(await demo.ended, demo.printed()).toBe(0);
    expect(demo.printed()).toMatch(/from the click to the old API’s answer: \d+\.\d s/);
    expect(demo.printed().trim().split('\n').at(-1)).toBe('demo passed');
    expect(await leftInFolder()).toEqual([]);
  });
});

describe('the words behind npm run demo', () => {
  test('are refused when the demo does not know them', async () => {
    const demo = startDemo(['--fast'], NO_ENGINE);
    expect(await demo.ended, demo.printed()).toBe(2);
    expect(demo.printed()).toContain('--auto and --clean, not --fast');
  });

  test('a taken DEMO_PORT is named, with the way out', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const demo = startDemo([], { ...NO_ENGINE, DEMO_PORT: String(port) });
    expect(await demo.ended, demo.printed()).toBe(1);
    expect(demo.printed()).toContain(`Port ${port} (DEMO_PORT) is taken. Choose another one`);
    server.close();
  });
});
