import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../engine/fake-engine.js';
import { describeUnless } from '../setup/left-out.js';
import { reached, shellOf } from './reached.js';
import { freePort, nameOf, type Sshd, sshMissing, startSshd, until } from './sshd.js';

describeUnless(sshMissing(), 'a command on a host over SSH', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  const shell = () => shellOf(reached(sshd));

  it('ends with its own exit code, and with what it wrote to both outputs', async () => {
    const ended = await shell().run(['sh', '-c', 'echo out; echo err >&2; exit 7'], 5_000);
    expect(ended.exitCode).toBe(7);
    expect(ended.output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('gets every argument as it is, whatever a shell would make of it', async () => {
    const words = ["it's", '"$HOME"', '$(id)', '`id`', 'a b', '', '*', '\\', ';|&', 'two\nlines', '-n', '—'];
    const { output } = await shell().run(['printf', '<%s>\n', ...words], 5_000);
    expect(output).toBe(words.map((word) => `<${word}>\n`).join(''));
  });

  it('that is not there is a result, not an error', async () => {
    expect(await shell().run(['no-such-command'], 5_000)).toMatchObject({ exitCode: 127 });
  });

  it('keeps the end of a long output', async () => {
    const { output } = await shell().run(['sh', '-c', 'seq 1 100000; echo the end'], 10_000);
    expect(output.length).toBeLessThanOrEqual(64 * 1024);
    expect(output).toMatch(/100000\nthe end\n$/);
  });

  it('waits for its turn among many, since a host takes only a few at a time', async () => {
    const host = shell();
    const before = sshd.accepted();
    const words = Array.from({ length: 30 }, (_, index) => `word ${index}`);
    const ends = await Promise.all(words.map((word) => host.run(['echo', word], 10_000)));
    // Before its answer may stand what the user's shell says when it starts.
    expect(ends.map(({ output }) => output.trimEnd().split('\n').at(-1))).toEqual(words);
    expect(ends.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
    expect(sshd.accepted() - before).toBe(1);
  });

  it('that outlasts its deadline has an unknown outcome, and the next one works', async () => {
    const host = shell();
    const failure = await failureOf(host.run(['sleep', '3'], 300));
    expect(failure).toMatchObject({
      host: 'control1',
      unknown: true,
      message: 'control1: run sleep 3: no end within 0.3 s',
    });
    expect(await host.run(['true'], 5_000)).toEqual({ exitCode: 0, output: '' });
  });

  it('that a signal ends has an unknown outcome', async () => {
    const failure = await failureOf(shell().run(['sh', '-c', 'kill -KILL $$'], 5_000));
    expect(failure).toMatchObject({ unknown: true });
  });

  it('that is cut in its middle has an unknown outcome, and the next one goes over a new connection', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sw-s-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const host = shell();
    const running = failureOf(host.run(['sh', '-c', `touch ${folder}/begun; sleep 5`], 10_000));
    await until('the command to begin', () => existsSync(join(folder, 'begun')));
    const before = sshd.accepted();
    sshd.cut();
    expect(await running).toMatchObject({ unknown: true });
    expect(await host.run(['echo', 'again'], 5_000)).toEqual({ exitCode: 0, output: 'again\n' });
    await until('one new connection', () => sshd.accepted() === before + 1);
  });

  it('was surely not begun where no connection could be made', async () => {
    const host = shellOf(reached(sshd, { port: await freePort() }));
    const failure = await failureOf(host.run(['true'], 5_000));
    expect(failure).toMatchObject({ host: 'control1', unknown: false });
    expect(failure.message).toContain('Connection refused');
  });

  it('was surely not begun where the host takes no more of them at a time', async () => {
    const narrow = await startSshd({ extra: ['MaxSessions 1'] });
    onTestFinished(narrow.remove);
    const host = shellOf(reached(narrow));
    const first = host.run(['sleep', '1'], 5_000);
    await until('the first command', () => narrow.sessions().some((pid) => nameOf(pid) === 'sleep'));
    const failure = await failureOf(host.run(['true'], 5_000));
    expect(failure).toMatchObject({ unknown: false });
    expect(failure.message).toContain('Session open refused by peer');
    expect(await first).toMatchObject({ exitCode: 0 });
    expect(narrow.accepted()).toBe(1);
  });
});
