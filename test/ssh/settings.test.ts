import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig, type SshConfig } from '../../src/config.js';
import { sshFiles } from '../../src/engine/ssh-config.js';
import { reasonOf } from '../../src/engine/ssh-reason.js';
import { sshEngineOf, sshPlaceOf } from '../../src/ssh-place.js';
import { describeUnless } from '../setup/left-out.js';
import { sshMissing } from './sshd.js';

const withHost = (host: object) => () =>
  parseConfig(JSON.stringify({ channel: 'C1', hosts: [{ name: 'control1', ...host }] }), 'the file');

describe('an SSH address', () => {
  it.each([
    ['control1', { host: 'control1' }],
    ['bot@control1:2222', { user: 'bot', host: 'control1', port: 2222 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['bot@[2001:db8::1]:22', { user: 'bot', host: '2001:db8::1', port: 22 }],
  ])('%s is understood', (text, place) => {
    expect(sshPlaceOf(text)).toEqual(place);
  });

  it.each([
    '',
    '@control1',
    '-oProxyCommand=x',
    'a b',
    'control1:0',
    'control1:70000',
    'control1:x',
    'a\nb',
    'u:p@h',
  ])('%j is none', (text) => {
    expect(sshPlaceOf(text)).toBeUndefined();
  });

  it.each([
    ['ssh://control1', '/var/run/docker.sock'],
    ['ssh://bot@control1:2222/', '/var/run/docker.sock'],
    ['ssh://[::1]:22/run/podman/podman.sock', '/run/podman/podman.sock'],
  ])('%s names the engine’s socket', (engine, socket) => {
    expect(sshEngineOf(engine)?.socket).toBe(socket);
  });
});

describe('SSH in the hosts file', () => {
  it('is refused where the address is there twice, or not at all', () => {
    expect(withHost({ engine: 'ssh://control1', ssh: { address: 'control2' } })).toThrow(
      /hosts\.0\.ssh\.address: an ssh:\/\/ engine is the address already/,
    );
    expect(withHost({ engine: 'unix:///run/docker.sock', ssh: { sudo: true } })).toThrow(
      /hosts\.0\.ssh\.address: is missing: the engine is not ssh:\/\//,
    );
  });

  it.each([
    'ssh://bot:secret@control1',
    'ssh://control1?x',
    'ssh://',
    'ssh://control1/a b',
    'ssh://control1/%{x}',
  ])('is refused with %s for an engine, and no password is repeated', (engine) => {
    expect(withHost({ engine })).toThrow(/hosts\.0\.engine: ssh:\/\/\[user@\]host/);
    expect(withHost({ engine })).not.toThrow(/secret/);
  });

  it('is refused with a path that ssh would not take as it is', () => {
    const ssh = { key: '/a"b', known_hosts: `/${'$'}{HOME}/k`, agent: '/a\nb' };
    expect(withHost({ engine: 'ssh://control1', ssh })).toThrow(
      /ssh\.key: .*ssh\.agent: .*ssh\.known_hosts: /,
    );
  });

  it('is taken in full', () => {
    const ssh = { address: 'bot@control1', key: '/k', jump: ['hop'], sudo: true };
    expect(withHost({ engine: 'unix:///run/docker.sock', ssh })).not.toThrow();
  });
});

describeUnless(sshMissing(), 'the configuration that ssh is given', () => {
  /** What ssh itself makes of it, for the host or for a jump host. */
  const read = (name: string, ssh: Partial<SshConfig>): ReadonlyMap<string, string> => {
    const folder = mkdtempSync(join(tmpdir(), 'sw-s-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const place = { host: 'control1.example', user: 'bot', port: 2222 };
    const route = {
      name: 'control1',
      place,
      ssh: { jump: [], sudo: false, ...ssh },
      socket: '/s',
      aliveSeconds: 5,
    };
    writeFileSync(join(folder, 'config'), sshFiles(route, folder).config);
    const text = execFileSync('ssh', ['-G', '-F', join(folder, 'config'), name], { encoding: 'utf8' });
    return new Map(
      text
        .split('\n')
        .map((line) => line.split(/ (.*)/s))
        .map(([key = '', value = '']) => [key, value.replaceAll(folder, 'FOLDER')]),
    );
  };
  const RULES = {
    stricthostkeychecking: 'true',
    batchmode: 'yes',
    verifyhostkeydns: 'false',
    updatehostkeys: 'false',
    forwardagent: 'no',
    forwardx11: 'no',
    preferredauthentications: 'publickey',
  };

  it.each(['target', 'jump1', 'jump2'])('verifies %s by the same rules', (name) => {
    const seen = read(name, { jump: ['a', 'b'], key: '/k 1%', known_hosts: '/known hosts' });
    expect(Object.fromEntries(seen)).toMatchObject({
      ...RULES,
      identityfile: '/k 1%%',
      identitiesonly: 'yes',
      userknownhostsfile: '/known hosts',
      globalknownhostsfile: '/dev/null',
    });
  });

  it('reads no known_hosts for the host where keys are pinned, and still does for a jump host', () => {
    const ssh = { jump: ['a'], known_hosts: '/known', host_keys: ['ssh-ed25519 AAAA me@there'] };
    expect(read('target', ssh).get('userknownhostsfile')).toBe('FOLDER/pinned');
    expect(read('target', ssh).get('globalknownhostsfile')).toBe('/dev/null');
    expect(read('jump1', ssh).get('userknownhostsfile')).toBe('/known');
  });

  it('goes through the jump hosts in order, and shares and forwards nothing of theirs', () => {
    const ssh = { jump: ['first', 'me@second:22'] };
    expect(read('target', ssh).get('proxyjump')).toBe('jump2');
    expect(read('jump2', ssh).get('hostname')).toBe('second');
    expect(read('jump2', ssh).get('proxyjump')).toBe('jump1');
    expect(read('jump1', ssh).get('hostname')).toBe('first');
    for (const setting of ['proxyjump', 'controlpath', 'localforward', 'localcommand'])
      expect(read('jump1', ssh).get(setting)).toBeUndefined();
  });
});

describe('what ended an ssh', () => {
  it.each([
    [
      'ssh: Could not resolve hostname nobody: Name or service not known\r\n',
      /^ssh: Could not resolve hostname nobody/,
    ],
    [
      'kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 192.0.2.1 port 22\r\n',
      /^Connection closed by 192.0.2.1 port 22$/,
    ],
    [
      'Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures',
      /name the right one with ssh\.key/,
    ],
    ['/bin/sh: 5: ssh: not found', /openssh-client/],
    [
      'Load key "/k": error in libcrypto\r\nme@h: Permission denied (publickey).',
      /the key file \/k cannot be used \(error in libcrypto\)/,
    ],
    [
      'Welcome to control1\nConnection to control1 closed by remote host.',
      /^Connection to control1 closed by remote host$/,
    ],
    ['', /^ssh ended without a word$/],
  ])('is told from %j', (stderr, sentence) => {
    expect(reasonOf(stderr)).toMatch(sentence);
  });
});
