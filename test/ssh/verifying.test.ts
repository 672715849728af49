import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type FakeEngine, failureOf, fakeEngine, json } from '../engine/fake-engine.js';
import { describeUnless } from '../setup/left-out.js';
import { reached, shellOf, USER } from './reached.js';
import { freePort, publicKey, type Sshd, sshMissing, startSshd } from './sshd.js';

const ANSWERS = {
  'GET /version': json(200, { Version: '20.10.24', ApiVersion: '1.41' }),
  'GET /info': json(200, { Name: 'box' }),
};

describeUnless(sshMissing(), 'a host over SSH', () => {
  let sshd: Sshd;
  let jump: Sshd;
  let fake: FakeEngine;
  beforeAll(async () => {
    [sshd, jump, fake] = await Promise.all([startSshd(), startSshd(), fakeEngine(ANSWERS)]);
  });
  afterAll(() => Promise.all([sshd.remove(), jump.remove(), fake.close()]));

  const knowing = (...lines: readonly string[]): string => {
    const path = join(sshd.folder, `known-${Math.random().toString(36).slice(2)}`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  };
  const refusal = async (way: Parameters<typeof reached>[1]): Promise<string> => {
    const failure = await failureOf(reached(sshd, { socket: fake.socketPath, ...way }).engine.info());
    expect(failure).toMatchObject({ host: 'control1', unknown: false });
    return failure.message;
  };

  it('answers over one connection, however many calls there are, for its engine and its commands', async () => {
    const before = sshd.accepted();
    const host = reached(sshd, { socket: fake.socketPath });
    const infos = await Promise.all(Array.from({ length: 20 }, () => host.engine.info()));
    expect(new Set(infos.map(({ hostname }) => hostname))).toEqual(new Set(['box']));
    for (let call = 0; call < 10; call += 1) await host.engine.info();
    expect(await shellOf(host).run(['echo', 'here'], 5_000)).toEqual({ exitCode: 0, output: 'here\n' });
    expect(sshd.accepted() - before).toBe(1);
  });

  it('is one of several with engines of their own, each over its own connection', async () => {
    const second = await fakeEngine({ ...ANSWERS, 'GET /info': json(200, { Name: 'another' }) });
    onTestFinished(second.close);
    const hosts = [fake, second].map(({ socketPath }) => reached(sshd, { socket: socketPath }));
    const infos = await Promise.all(hosts.map(({ engine }) => engine.info()));
    expect(infos.map(({ hostname }) => hostname)).toEqual(['box', 'another']);
  });

  it('is refused when its key is not known', async () => {
    expect(await refusal({ ssh: { known_hosts: knowing() } })).toMatch(
      /the ED25519 host key of \[127\.0\.0\.1\]:\d+ is not known, and an unknown key is never accepted; compare/,
    );
  });

  it('is refused when its key has changed, and the known keys stay as they are', async () => {
    const known = knowing(`[127.0.0.1]:${sshd.port} ${publicKey(jump.hostKey)}`);
    const before = readFileSync(known, 'utf8');
    expect(await refusal({ ssh: { known_hosts: known } })).toMatch(/is not the known one: somebody may be/);
    expect(readFileSync(known, 'utf8')).toBe(before);
  });

  it('is refused when its key is marked as revoked', async () => {
    const known = knowing(`@revoked [127.0.0.1]:${sshd.port} ${publicKey(sshd.hostKey)}`);
    expect(await refusal({ ssh: { known_hosts: known } })).toMatch(/is marked as revoked/);
  });

  it('is reached with its pinned key, and refused with another, whatever known_hosts says', async () => {
    const pinned = { known_hosts: '/dev/null', host_keys: [publicKey(sshd.hostKey)] };
    const host = reached(sshd, { socket: fake.socketPath, ssh: pinned });
    expect(await host.engine.info()).toMatchObject({ hostname: 'box' });
    expect(await refusal({ ssh: { host_keys: [publicKey(jump.hostKey)] } })).toMatch(
      /the host key of control1 is not the known one/,
    );
  });

  it('is refused when the bot’s key is not let in', async () => {
    const message = await refusal({ ssh: { key: jump.key } });
    expect(message).toMatch(new RegExp(`${USER}@127.0.0.1 turned down every key .*authorized_keys`));
  });

  it('is refused with the way out when the key file is missing or others may read it', async () => {
    expect(await refusal({ ssh: { key: '/nowhere/key' } })).toMatch(/key file \/nowhere\/key cannot be used/);
    const open = join(sshd.folder, 'open');
    copyFileSync(sshd.key, open);
    chmodSync(open, 0o644);
    expect(await refusal({ ssh: { key: open } })).toContain(`because others may read it; chmod 600 ${open}`);
  });

  it('is refused with ssh’s own words when nothing listens', async () => {
    expect(await refusal({ port: await freePort() })).toContain('Connection refused');
  });

  it('is reached with the key of an agent', async () => {
    const socket = join(sshd.folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void agent.kill());
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    execFileSync('ssh-add', ['-q', sshd.key], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
    const host = reached(sshd, { socket: fake.socketPath, ssh: { key: undefined, agent: socket } });
    expect(await host.engine.info()).toMatchObject({ hostname: 'box' });
  });

  describe('behind jump hosts', () => {
    const both = () =>
      knowing(...[sshd, jump].map((one) => `[127.0.0.1]:${one.port} ${publicKey(one.hostKey)}`));
    const letIn = () => writeFileSync(join(jump.folder, 'authorized'), `${publicKey(sshd.key)}\n`);
    const hop = () => `${USER}@127.0.0.1:${jump.port}`;
    beforeAll(letIn);

    it('is reached through one, and through two', async () => {
      for (const hops of [[hop()], [hop(), hop()]]) {
        const before = jump.accepted();
        const way = { socket: fake.socketPath, ssh: { known_hosts: both(), jump: hops } };
        expect(await reached(sshd, way).engine.info()).toMatchObject({ hostname: 'box' });
        expect(jump.accepted() - before).toBe(hops.length);
      }
    });

    it('is refused when a jump host’s key is not known or another, even with its own key pinned', async () => {
      const unknown = { known_hosts: sshd.knownHosts, jump: [hop()] };
      expect(await refusal({ ssh: unknown })).toContain(`of [127.0.0.1]:${jump.port} is not known`);
      const wrong = knowing(`[127.0.0.1]:${jump.port} ${publicKey(sshd.hostKey)}`);
      const pinned = { known_hosts: wrong, host_keys: [publicKey(sshd.hostKey)], jump: [hop()] };
      expect(await refusal({ ssh: pinned })).toContain(`of [127.0.0.1]:${jump.port} is not the known one`);
    });

    it('is refused when its own key is wrong, even though the jump host’s is right', async () => {
      const known = knowing(
        ...[sshd, jump].map((one) => `[127.0.0.1]:${one.port} ${publicKey(jump.hostKey)}`),
      );
      const message = await refusal({ ssh: { known_hosts: known, jump: [hop()] } });
      expect(message).toContain(`of [127.0.0.1]:${sshd.port} is not the known one`);
    });

    it('is refused with the jump host’s word when that cannot connect onwards', async () => {
      const way = { port: await freePort(), ssh: { known_hosts: both(), jump: [hop()] } };
      expect(await refusal(way)).toMatch(
        /a jump host could or would not connect onwards \(.*Connection refused\)/,
      );
    });
  });
});

describeUnless(sshMissing(), 'an engine’s socket that a host does not forward', () => {
  const messageFor = async (sshd: Sshd, socket: string): Promise<string> => {
    onTestFinished(sshd.remove);
    const failure = await failureOf(reached(sshd, { socket }).engine.list());
    expect(failure).toMatchObject({ unknown: false });
    return failure.message;
  };

  it('is said to be missing, or to be no socket', async () => {
    expect(await messageFor(await startSshd(), '/nowhere.sock')).toContain(
      'there is no /nowhere.sock on the host',
    );
    expect(await messageFor(await startSshd(), '/etc/passwd')).toContain(
      '/etc/passwd on the host is no socket',
    );
  });

  it('is said to be forbidden by sshd, with the settings to change', async () => {
    const fake = await fakeEngine(ANSWERS);
    onTestFinished(fake.close);
    const sshd = await startSshd({ extra: ['AllowStreamLocalForwarding no'] });
    expect(await messageFor(sshd, fake.socketPath)).toMatch(
      /or sshd forbids .*AllowStreamLocalForwarding yes/,
    );
    const restricted = await startSshd({ keyOptions: 'restrict' });
    expect(await messageFor(restricted, fake.socketPath)).toContain('no `restrict` at the key without');
  });

  it('needs no shell on the host: a key for forwarding alone is enough', async () => {
    const fake = await fakeEngine(ANSWERS);
    onTestFinished(fake.close);
    const sshd = await startSshd({ keyOptions: 'restrict,port-forwarding,command="false"' });
    onTestFinished(sshd.remove);
    expect(await reached(sshd, { socket: fake.socketPath }).engine.info()).toMatchObject({ hostname: 'box' });
  });
});
