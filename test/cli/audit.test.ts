import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runAudit } from '../../src/cli/audit.js';
import { lineOf, START } from '../../src/store/record.js';
import { note, requested } from '../store/events.js';
import { openIn, temporaryFolder } from '../store/folder.js';

const JOURNAL = 'journal-000001.jsonl';

/** A journal of a request and four notes, whose head was posted after the fourth record. */
const audited = async () => {
  const folder = temporaryFolder();
  const store = await openIn(folder);
  await store.append('r1', requested);
  for (const text of ['first', 'second', 'third']) await store.append('r1', note(text));
  const posted = store.head().hash;
  await store.append('r1', note('fourth'));
  await store.close();
  rmSync(join(folder, 'db.json'));
  return { folder, posted };
};

const audit = async (folder: string | undefined, ...words: string[]) => {
  const said: string[] = [];
  const exit = await runAudit({ words, folder, say: (text) => said.push(text) });
  return { exit, said: said.join('\n') };
};

const linesOf = (folder: string): string[] =>
  readFileSync(join(folder, JOURNAL), 'utf8').trimEnd().split('\n');
const write = (folder: string, lines: readonly string[]): void =>
  writeFileSync(join(folder, JOURNAL), lines.map((line) => `${line}\n`).join(''));

/** The same events but one, chained anew so that every hash fits. */
const rebuilt = (lines: readonly string[]): string[] => {
  let head = START;
  return lines.map((line) => {
    const { at, run, event, epoch } = JSON.parse(line);
    const changed = event.text === 'second' ? { ...event, text: 'never said' } : event;
    const next = lineOf({ at, run, event: changed }, head, epoch);
    head = next.head;
    return next.line.trimEnd();
  });
};

describe('audit verify', () => {
  test('says how many records verify, and where the head is', async () => {
    const { folder, posted } = await audited();
    const { exit, said } = await audit(folder, 'verify', '--head', posted);
    expect(exit).toBe(0);
    expect(said).toContain('verifies: 5 records');
    expect(said).toContain(`Posted head ${posted}: is record 4.`);
    expect((await audit(folder, 'verify', `--head=${posted.slice(0, 12)}`)).exit).toBe(0);
  });

  test.each([
    [
      'an edited record',
      (lines: string[]) => lines.map((line) => line.replace('second', 'sekond')),
      3,
      'own hash',
    ],
    ['a removed record', (lines: string[]) => lines.toSpliced(2, 1), 3, 'missing or out of order'],
    [
      'records in another order',
      ([a = '', b = '', c = '', ...rest]: string[]) => [a, c, b, ...rest],
      2,
      'out of order',
    ],
    ['a record twice', ([a = '', ...rest]: string[]) => [a, a, ...rest], 2, 'out of order'],
    ['a removed beginning', (lines: string[]) => lines.slice(1), 1, 'out of order'],
  ])('names %s by file, line and number', async (_what, alter, line, why) => {
    const { folder } = await audited();
    write(folder, alter(linesOf(folder)));
    const { exit, said } = await audit(folder, 'verify');
    expect(exit).toBe(1);
    expect(said).toContain(`${JOURNAL}, line ${line}, record ${line}`);
    expect(said).toContain(why);
  });

  test('a chain whose end was cut off verifies alone, and shows by the posted head', async () => {
    const { folder, posted } = await audited();
    write(folder, linesOf(folder).slice(0, 3));
    expect((await audit(folder, 'verify')).exit).toBe(0);
    const { exit, said } = await audit(folder, 'verify', '--head', posted);
    expect(exit).toBe(1);
    expect(said).toContain(`NOT the one that posted the head ${posted}`);
  });

  test('a chain that was built anew as a whole verifies alone, and shows by the posted head', async () => {
    const { folder, posted } = await audited();
    write(folder, rebuilt(linesOf(folder)));
    const alone = await audit(folder, 'verify');
    expect(alone.exit).toBe(0);
    expect(alone.said).toContain('compare with a head that a run posted');
    expect((await audit(folder, 'verify', '--head', posted)).exit).toBe(1);
  });

  test('a chain that was built anew around an anchor shows by itself', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    await store.append('r1', note('second'));
    await store.append('r1', { kind: 'anchored', ...store.head() });
    await store.close();
    rmSync(join(folder, 'db.json'));
    expect((await audit(folder, 'verify')).exit).toBe(0);
    write(folder, rebuilt(linesOf(folder)));
    const { exit, said } = await audit(folder, 'verify');
    expect(exit).toBe(1);
    expect(said).toContain('record 2 had the hash');
  });

  test('reads beside the process that holds the folder, and a copy of it', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder);
    await store.append('r1', requested);
    expect((await audit(folder, 'verify')).exit).toBe(0);
    const copy = temporaryFolder();
    cpSync(folder, copy, { recursive: true });
    expect((await audit(copy, 'verify', '--head', store.head().hash)).exit).toBe(0);
    await store.close();
  });

  test('says what could not be checked, and how it is used', async () => {
    expect(await audit(undefined, 'verify')).toMatchObject({
      exit: 2,
      said: expect.stringContaining('STACKSWAP_STATE'),
    });
    expect(await audit(temporaryFolder(), 'verify')).toMatchObject({
      exit: 2,
      said: expect.stringContaining('ENOENT'),
    });
    expect(await audit('x', 'verify', '--head', 'zz')).toMatchObject({
      exit: 2,
      said: expect.stringContaining('"zz"'),
    });
    expect(await audit('x', 'verify', '--head')).toMatchObject({
      exit: 2,
      said: expect.stringContaining('needs a hash'),
    });
    expect(await audit('x', 'list')).toMatchObject({ exit: 2, said: expect.stringContaining('Usage:') });
    expect(await audit('x', 'help')).toMatchObject({ exit: 0, said: expect.stringContaining('Usage:') });
  });
});
