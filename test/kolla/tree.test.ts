import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readFolder, releaseSaid } from '../../src/kolla/folder.js';
import { tarOf, treeFromTar } from '../../src/kolla/tar.js';
import { hashOf, holds, MOST, toInstall, treeOf } from '../../src/kolla/tree.js';
import { configFile, configTree } from './trees.js';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'stackswap-tree-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

describe('an archive of a configuration folder', () => {
  const tree = treeOf([
    configFile('config.json', '{"command": "cinder-api"}', { mode: 0o660, uid: 1000, gid: 42 }),
    configFile('domains/a.conf', 'x', { mode: 0o600, uid: 0, gid: 0 }),
    configFile('empty', '', { mode: 0o444 }),
    configFile(`${'long-'.repeat(25)}/${'name'.repeat(30)}`, 'y', { uid: 1_800_001_234, gid: 1_800_000_001 }),
  ]);

  test('comes back with every byte, owner and mode, those of a directory service too', async () => {
    const tar = await tarOf(tree, { below: 'kept/' });
    expect(await treeFromTar(tar)).toEqual(tree);
  });

  test('is what tar itself reads, folders that are new with the owner of config.json', async () => {
    const place = folder();
    writeFileSync(join(place, 'a.tar'), await tarOf(tree));
    const listed = execFileSync('tar', ['--numeric-owner', '-tvf', join(place, 'a.tar')], {
      encoding: 'utf8',
    });
    expect(listed).toMatch(/^drwxrwx--- 1000\/42 .* domains\/$/m);
    expect(listed).toMatch(/^-rw-rw---- 1000\/42 .* config\.json$/m);
    expect(listed).toMatch(/1800001234\/1800000001/);
  });

  test('leaves the folders alone that are there already', async () => {
    const place = folder();
    writeFileSync(join(place, 'a.tar'), await tarOf(tree, { beside: configTree({ 'domains/b.conf': 'z' }) }));
    expect(execFileSync('tar', ['-tf', join(place, 'a.tar')], { encoding: 'utf8' })).not.toMatch(
      /^domains\/$/m,
    );
  });

  test('of tar itself is read, with a second name of a file, and with a link refused', async () => {
    const place = folder();
    mkdirSync(join(place, 'conf'));
    writeFileSync(join(place, 'conf/one'), 'same');
    execFileSync('ln', [join(place, 'conf/one'), join(place, 'conf/two')]);
    const read = () => treeFromTar(execFileSync('tar', ['-c', '-C', place, 'conf']));
    expect((await read()).files.map(({ path, content }) => [path, content.toString()])).toEqual([
      ['one', 'same'],
      ['two', 'same'],
    ]);
    symlinkSync('/etc/passwd', join(place, 'conf/three'));
    await expect(read()).rejects.toThrow('three is neither a plain file nor a folder (symlink)');
  });

  test('that leads out of its folder is refused', async () => {
    const place = folder();
    mkdirSync(join(place, 'conf'));
    writeFileSync(join(place, 'evil'), 'x');
    const tar = execFileSync('tar', [
      '-c',
      '-P',
      '-C',
      join(place, 'conf'),
      '--transform',
      's,^,conf/,',
      '../evil',
    ]);
    await expect(treeFromTar(tar)).rejects.toThrow('leads out of it');
  });
});

describe('a rendered folder', () => {
  test('is read with modes and all folders below, in order', async () => {
    const place = folder();
    mkdirSync(join(place, 'sub'));
    writeFileSync(join(place, 'b.conf'), 'b');
    writeFileSync(join(place, 'sub/a.conf'), 'a');
    chmodSync(join(place, 'b.conf'), 0o640);
    const tree = await readFolder(place);
    expect(tree.files.map(({ path, mode }) => [path, mode & 0o700])).toEqual([
      ['b.conf', 0o600],
      ['sub/a.conf', 0o600],
    ]);
  });

  test('with a link, a pipe or too much in it is refused by name', async () => {
    const place = folder();
    symlinkSync('/etc/passwd', join(place, 'trap'));
    await expect(readFolder(place)).rejects.toThrow('trap is a symbolic link, which is not followed');
    rmSync(join(place, 'trap'));
    execFileSync('mkfifo', [join(place, 'pipe')]);
    await expect(readFolder(place)).rejects.toThrow('pipe is no plain file');
    rmSync(join(place, 'pipe'));
    writeFileSync(join(place, 'big'), Buffer.alloc(MOST.bytes + 1));
    await expect(readFolder(place)).rejects.toThrow('with big');
  });

  test('that is not there says so', async () => {
    await expect(readFolder(join(folder(), 'nothing'))).rejects.toThrow(/nothing is not there$/);
  });

  test('says its release in itself or beside itself', async () => {
    const place = folder();
    mkdirSync(join(place, 'node1'));
    expect(await releaseSaid(join(place, 'node1'))).toBeUndefined();
    writeFileSync(join(place, 'release'), '2025.2\n');
    expect(await releaseSaid(join(place, 'node1'))).toBe('2025.2');
    writeFileSync(join(place, 'node1/release'), '2025.1\n');
    expect(await releaseSaid(join(place, 'node1'))).toBe('2025.1');
  });
});

describe('what is installed', () => {
  const present = configTree({ 'config.json': 'old', 'a.conf': 'old' }, { mode: 0o660, uid: 1000, gid: 42 });
  const rendered = configTree({ 'config.json': 'new', 'b.conf': 'new' }, { mode: 0o640, uid: 7, gid: 7 });

  test('keeps owner and mode of what the host has, and gives new files the owner of config.json', () => {
    expect(
      toInstall(rendered, present).files.map(({ path, mode, uid, gid, content }) => [
        path,
        mode,
        uid,
        gid,
        content.toString(),
      ]),
    ).toEqual([
      ['b.conf', 0o640, 1000, 42, 'new'],
      ['config.json', 0o660, 1000, 42, 'new'],
    ]);
  });

  test('has a hash that every byte, mode and owner changes', () => {
    const base = configFile('a', 'text');
    const others = [
      { ...base, mode: 0o600 },
      { ...base, uid: 5 },
      { ...base, gid: 5 },
      configFile('a', 'texts'),
    ];
    const hashes = [base, ...others].map((file) => hashOf({ files: [file] }));
    expect(new Set(hashes).size).toBe(5);
  });

  test('is held by a folder that has more', () => {
    const all = treeOf([...present.files, configFile('more', 'x')]);
    expect([holds(all, present), holds(present, all)]).toEqual([true, false]);
  });
});
