import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { DISK } from '../../src/store/disk.js';
import { lockBy } from '../../src/store/lock.js';
import { verify } from '../../src/store/verify.js';
import { compile } from './compiled.js';
import { note, requested } from './events.js';
import { listLog, notesOf, openIn, temporaryFolder } from './folder.js';

const { program: APPENDER, remove } = compile('test/store/appender.ts');
afterAll(remove);

/** Starts an appender; `line` waits for its next line, `undefined` at its end. */
const appender = (...words: string[]) => {
  const child: ChildProcess = spawn(process.execPath, [APPENDER, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
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
  return { line, end: ended, kill: (signal: NodeJS.Signals) => child.kill(signal), pid: child.pid };
};

/** Lets a process append until it has acknowledged `count` events, kills it, and tells all that it acknowledged. */
const killAfter = async (
  folder: string,
  count: number,
): Promise<{ opened: number; acknowledged: number[] }> => {
  const { line, kill, end } = appender(folder);
  const first = (await line()) ?? '';
  expect(first).toMatch(/^open \d+$/);
  const acknowledged: number[] = [];
  for (let next = await line(); next !== undefined; next = await line()) {
    acknowledged.push(Number(next));
    if (acknowledged.length === count) kill('SIGKILL');
  }
  expect((await end)[1]).toBe('SIGKILL');
  return { opened: Number(first.slice(5)), acknowledged };
};

/** Twelve lives of one journal, each ended by a kill in the midst of writing. */
const twelveKills = async (seed: number): Promise<void> => {
  const folder = temporaryFolder();
  let newest = 0;
  for (let round = 0; round < 12; round++) {
    const { opened, acknowledged } = await killAfter(folder, 1 + ((round * 37 + seed * 11) % 90));
    expect(opened).toBeGreaterThanOrEqual(newest);
    expect(acknowledged).toEqual(acknowledged.map((_, at) => opened + 1 + at));
    newest = acknowledged.at(-1) ?? newest;
  }
  const verdict = await verify(folder);
  expect(verdict.ok && verdict.events).toBeGreaterThanOrEqual(newest);
  const store = await openIn(folder);
  expect(notesOf(store)).toEqual(Array.from({ length: store.head().seq - 1 }, (_, at) => `note ${at + 2}`));
  await store.close();
};

describe('kill -9', () => {
  test('loses no acknowledged event in 24 kills', { timeout: 60_000 }, async () => {
    await Promise.all([twelveKills(1), twelveKills(2)]);
  });
});

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

describe('a machine without flock', () => {
  test('is told so in the log', async () => {
    const log = listLog();
    const store = await openIn(temporaryFolder(), { lock: lockBy('no-such-flock'), log });
    await store.close();
    expect(log.lines.join()).toContain('flock(1) is not installed');
  });
});
