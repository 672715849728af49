import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { DISK } from '../../src/store/disk.js';
import { lockBy } from '../../src/store/lock.js';
import { lineOf } from '../../src/store/record.js';
import { verify } from '../../src/store/verify.js';
import { compile } from './compiled.js';
import { note, requested } from './events.js';
import { listLog, notesOf, openIn, temporaryFolder } from './folder.js';

const { program: APPENDER, remove } = compile('test/store/appender.ts');
afterAll(remove);

/** Starts an appender; `line` waits for its next line, `undefined` at its end. */
const appender = (...words: string[]) => {
  const child: ChildProcess = spawn(process.execPath, [APPENDER, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (!child.stdout) throw new Error('the appender has no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  const line = async (): Promise<string | undefined> => {
    const next = await lines.next();
    return next.done ? undefined : next.value;
  };
  const ask = () => child.stdin?.write('\n');
  return { line, ask, end: ended, kill: (signal: NodeJS.Signals) => child.kill(signal), pid: child.pid };
};

describe.each([
  ['flock', 'flock'],
  ['a socket, where there is no flock', 'no-such-flock'],
])('the lock by %s', (_name, program) => {
  const options = { lock: lockBy(program) };

  test('refuses a second process, names the first, and outlives its being stopped', async () => {
    const folder = temporaryFolder();
    const other = appender(folder, program, 'hold');
    expect(await other.line()).toBe('open 0');
    const refusal = { code: 'state-locked', why: expect.stringContaining(`pid ${other.pid}`) };
    await expect(openIn(folder, options)).rejects.toMatchObject(refusal);
    other.kill('SIGSTOP');
    await expect(openIn(folder, options)).rejects.toMatchObject(refusal);
    other.kill('SIGCONT');
    await expect(openIn(folder, options)).rejects.toMatchObject(refusal);
    other.kill('SIGKILL');
    await other.end;
    const store = await openIn(folder, options);
    await store.append('r1', requested);
    await store.close();
  });

  test('refuses a second open in the same process, and lets go at close', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, options);
    await expect(openIn(folder, options)).rejects.toMatchObject({
      code: 'state-locked',
      why: expect.stringContaining(`this very process (pid ${process.pid})`),
    });
    await store.append('r1', requested);
    await store.close();
    const again = await openIn(folder, options);
    await again.append('r1', note('a'));
    await again.close();
    expect(await verify(folder)).toMatchObject({ ok: true, events: 2 });
  });

  test('of two that open together exactly one gets the folder', async () => {
    const folder = temporaryFolder();
    const both = await Promise.allSettled([openIn(folder, options), openIn(folder, options)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const one of both) if (one.status === 'fulfilled') await one.value.close();
  });

  test('is let go when the folder is refused for another reason', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, options);
    await store.append('r1', requested);
    await store.close();
    const newer = { ...options, disk: { ...DISK, open: () => Promise.reject(new Error('no disk')) } };
    await expect(openIn(folder, newer)).rejects.toThrow('no disk');
    await (await openIn(folder, options)).close();
  });
});

describe('a holder that slept while its lock was taken away by hand', () => {
  test('writes nothing when it wakes up, and what its heir wrote stays whole', async () => {
    const folder = temporaryFolder();
    const sleeper = appender(folder, 'flock', 'asked');
    expect(await sleeper.line()).toBe('open 0');
    sleeper.ask();
    expect(await sleeper.line()).toBe('1');
    sleeper.kill('SIGSTOP');
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'state-locked' });
    rmSync(join(folder, 'LOCK'));
    const heir = await openIn(folder);
    await heir.append('r1', note('of the heir'));
    sleeper.kill('SIGCONT');
    sleeper.ask();
    expect(await sleeper.line()).toMatch(
      /^refused The journal takes no more events: another process took over/,
    );
    await heir.append('r1', note('and another'));
    expect(notesOf(heir)).toEqual(['of the heir', 'and another']);
    await heir.close();
    expect(await verify(folder)).toMatchObject({ ok: true, events: 3 });
  });

  test('notices it as well where only the content of LOCK was replaced', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    writeFileSync(join(folder, 'LOCK'), '1 99');
    await expect(store.append('r1', note('late'))).rejects.toThrow('names the process 1, epoch 99');
    await store.close();
  });

  test('is not suspected where LOCK cannot be looked at: that one event is refused, and the next one is written', async () => {
    const folder = temporaryFolder();
    const [path, aside] = [join(folder, 'LOCK'), join(folder, 'LOCK.aside')];
    const store = await openIn(folder);
    await store.append('r1', requested);
    renameSync(path, aside);
    // A link to itself: stat(2) fails with ELOOP, and says nothing of another process.
    symlinkSync('LOCK', path);
    await expect(store.append('r1', note('refused'))).rejects.toThrow(
      /^The event was not journaled and nothing was changed: ELOOP/,
    );
    rmSync(path);
    renameSync(aside, path);
    await store.append('r1', note('written'));
    expect(notesOf(store)).toEqual(['written']);
    await store.close();
    expect(await verify(folder)).toMatchObject({ ok: true });
  });
});

describe('the epoch', () => {
  test('rises with each start, also by what LOCK says where nothing was written', async () => {
    const folder = temporaryFolder();
    for (const text of ['a', 'b', undefined, 'c']) {
      const store = await openIn(folder);
      if (text === 'a') await store.append('r1', requested);
      if (text !== undefined) await store.append('r1', note(text));
      await store.close();
    }
    const lines = readFileSync(join(folder, 'journal-000001.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).epoch)).toEqual([1, 1, 2, 4]);
  });

  test('that goes down shows a writer that had been replaced', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    await store.append('r1', note('a'));
    await store.close();
    const { line } = lineOf({ at: '2026-11-22T10:00:00.000Z', run: 'r1', event: note('b') }, store.head(), 0);
    appendFileSync(join(folder, 'journal-000001.jsonl'), line);
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'state-damaged',
      why: expect.stringContaining('it is of epoch 0 behind one of 1'),
    });
  });
});

describe('a machine without flock', () => {
  test('is told so in the log', async () => {
    const log = listLog();
    const store = await openIn(temporaryFolder(), { lock: lockBy('no-such-flock'), log });
    await store.close();
    expect(log.lines.join()).toContain('flock(1) is not installed');
  });
});
