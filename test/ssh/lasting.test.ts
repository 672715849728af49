import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type FakeEngine, failureOf, fakeEngine, hang, json } from '../engine/fake-engine.js';
import { describeUnless } from '../setup/left-out.js';
import { reached, shellOf, USER } from './reached.js';
import { freePort, publicKey, type Sshd, sshMissing, startSshd, until } from './sshd.js';

/** Stands between the bot and sshd, and can swallow every byte while all connections stay open. */
const swallower = async (target: number) => {
  let swallowing = false;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (chunk) => void (swallowing || to.write(chunk)));
    from.on('close', () => void (swallowing || to.destroy()));
    from.on('error', () => to.destroy());
  };
  const server = createServer((from) => {
    const to = connect(target, '127.0.0.1');
    pass(from, to);
    pass(to, from);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port,
    swallow: (yes: boolean) => {
      swallowing = yes;
    },
  };
};

/** Ids of this machine's processes of ssh whose command line holds a word. */
const processesWith = (word: string): number[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(word) && /\bssh\b/.test(line))
    .map((line) => Number.parseInt(line, 10));

/** A folder in which the connections of one test have theirs. */
const ownTemporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sw-s-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  });
  return folder;
};

describeUnless(sshMissing(), 'an SSH connection over time', () => {
  let sshd: Sshd;
  let fake: FakeEngine;
  const pinned = () => ({ host_keys: [publicKey(sshd.hostKey)] });
  beforeAll(async () => {
    sshd = await startSshd();
    fake = await fakeEngine({
      'GET /_ping': json(200, 'OK'),
      'GET /containers/json': json(200, []),
      'POST /containers/c/stop': hang,
    });
  });
  afterAll(() => Promise.all([sshd.remove(), fake.close()]));

  it('that falls silent fails its calls in time, and is made anew when the way is free again', async () => {
    const way = await swallower(sshd.port);
    const { engine, ...host } = reached(sshd, {
      port: way.port,
      socket: fake.socketPath,
      ssh: pinned(),
      options: { aliveSeconds: 1, deadlines: { look: 1_500, stop: 20_000 } },
    });
    await engine.list();
    const stopping = failureOf(engine.stop('c', 0));
    way.swallow(true);
    const began = Date.now();
    expect(await failureOf(engine.list())).toMatchObject({ unknown: true });
    expect(Date.now() - began).toBeLessThan(4_000);
    const stopped = await stopping;
    expect(stopped).toMatchObject({ unknown: true });
    expect(stopped.message).toMatch(/the SSH connection ended: 127\.0\.0\.1 gave no sign of life any more/);
    expect(Date.now() - began).toBeLessThan(8_000);
    way.swallow(false);
    expect(await engine.list()).toEqual([]);
    expect(await shellOf({ engine, ...host }).run(['true'], 5_000)).toMatchObject({ exitCode: 0 });
  });

  it('cannot be made in a silence for ever', async () => {
    const way = await swallower(sshd.port);
    way.swallow(true);
    const { engine } = reached(sshd, { port: way.port, ssh: pinned(), options: { openMs: 700 } });
    const failure = await failureOf(engine.list());
    expect(failure).toMatchObject({
      unknown: false,
      message: 'control1: list containers: no SSH connection within 0.7 s',
    });
  });

  it('comes back with its host, which is not asked more often than every few seconds meanwhile', async () => {
    let now = Date.now();
    const gone = await startSshd();
    onTestFinished(gone.remove);
    const { engine } = reached(gone, { socket: fake.socketPath, options: { now: () => now } });
    await engine.list();
    await gone.stop();
    await failureOf(engine.list());
    await failureOf(engine.list());
    const { message } = await failureOf(engine.list());
    expect(message).toMatch(/Connection refused \(not tried again for 1 s\)$/);
    await gone.start();
    const before = gone.dialled();
    expect(await failureOf(engine.list())).toMatchObject({ unknown: false });
    expect(gone.dialled()).toBe(before);
    now += 1_100;
    expect(await engine.list()).toEqual([]);
  });

  it('is not made anew to a host that comes back with another key', async () => {
    const changed = await startSshd();
    onTestFinished(changed.remove);
    const { engine } = reached(changed, { socket: fake.socketPath });
    await engine.list();
    await changed.stop();
    await changed.start(sshd.hostKey);
    expect((await failureOf(engine.list())).message).toContain('is not the known one');
  });

  it('outlives an engine that goes, whose calls fail with the reason until it is back', async () => {
    const going = await fakeEngine({ 'GET /containers/json': json(200, []) });
    const { engine } = reached(sshd, { socket: going.socketPath });
    await engine.list();
    const before = sshd.accepted();
    await going.close();
    await failureOf(engine.list());
    expect((await failureOf(engine.list())).message).toMatch(
      /there is no .*engine\.sock on the host; start its engine/,
    );
    expect(sshd.accepted()).toBe(before);
  });

  it('leaves nothing behind when it is closed, and cannot be used any more', async () => {
    const folder = ownTemporaryFolder();
    const host = reached(sshd, { socket: fake.socketPath });
    await host.engine.list();
    expect(readdirSync(folder)).toHaveLength(1);
    expect(processesWith(folder).length).toBeGreaterThan(0);
    await host.close();
    expect(processesWith(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect((await failureOf(host.engine.list())).message).toContain('was closed');
  });

  it('is not ended by the signals that a terminal or systemd sends to all processes of a bot', async () => {
    const folder = ownTemporaryFolder();
    const host = reached(sshd, { socket: fake.socketPath });
    await host.engine.list();
    const before = sshd.accepted();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      for (const pid of processesWith(folder)) process.kill(pid, signal);
    await shellOf(host).run(['true'], 5_000);
    expect(await host.engine.list()).toEqual([]);
    expect(sshd.accepted()).toBe(before);
  });

  it('ends with a bot that is killed in the middle of a call, jump hosts and all, and so does its folder', async () => {
    const bot = fileURLToPath(new URL('mortal-client.ts', import.meta.url));
    const hop = `${USER}@127.0.0.1:${sshd.port}`;
    const host = {
      name: 'control1',
      engine: `ssh://${hop}${fake.socketPath}`,
      ssh: { key: sshd.key, known_hosts: sshd.knownHosts, jump: [hop] },
    };
    const folder = ownTemporaryFolder();
    const child = spawn(process.execPath, ['--import', 'tsx', bot, JSON.stringify(host)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await until('a command and a stop under way', () => processesWith(folder).length >= 4);
    child.kill('SIGKILL');
    await until('every ssh of it to end', () => processesWith(folder).length === 0, 3_000);
    expect(readdirSync(folder).filter((name) => name.startsWith('stackswap-'))).toEqual([]);
  });
});
