import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsFor, registryOf } from '../../src/engine/credentials.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackswap-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

const asking = (ref: string, config?: unknown) => {
  if (config !== undefined)
    writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return credentialsFor(ref, { DOCKER_CONFIG: folder });
};

/** Installs `docker-credential-<name>` on the PATH of the test. */
const program = (name: string, script: string) => {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  process.env.PATH = `${folder}:${pathBefore}`;
};
const pathBefore = process.env.PATH;
afterEach(() => {
  process.env.PATH = pathBefore;
});

describe('the registry of a reference', () => {
  it.each([
    ['cinder-api:1', 'https://index.docker.io/v1/'],
    ['kolla/cinder-api', 'https://index.docker.io/v1/'],
    ['docker.io/kolla/cinder-api', 'https://index.docker.io/v1/'],
    ['quay.io/openstack.kolla/cinder-api:2025.1', 'quay.io'],
    ['localhost/x', 'localhost'],
    ['10.0.0.1:4000/kolla/x@sha256:abc', '10.0.0.1:4000'],
  ])('of %s is %s', (ref, registry) => {
    expect(registryOf(ref)).toBe(registry);
  });
});

describe('credentials', () => {
  it('are none where there is no config file, or nothing in it about the registry', async () => {
    expect(await asking('quay.io/x')).toBeUndefined();
    expect(await asking('quay.io/x', { auths: { 'other.io': { auth: base64('a:b') } } })).toBeUndefined();
  });

  it('come from auths, however the registry is spelled there, with colons in the password', async () => {
    const expected = { serveraddress: 'quay.io', username: 'robot', password: 'a:b' };
    expect(await asking('quay.io/x', { auths: { 'quay.io': { auth: base64('robot:a:b') } } })).toEqual(
      expected,
    );
    expect(
      await asking('quay.io/x', { auths: { 'https://quay.io/v2/': { auth: base64('robot:a:b') } } }),
    ).toEqual(expected);
    expect(await asking('x:1', { auths: { 'https://index.docker.io/v1/': { identitytoken: 't' } } })).toEqual(
      {
        serveraddress: 'https://index.docker.io/v1/',
        identitytoken: 't',
      },
    );
  });

  it('come from the registry’s own credential program before the general one', async () => {
    program('own', 'read server; printf \'{"Username":"u","Secret":"for %s"}\' "$server"');
    program('general', 'exit 1');
    const config = { credsStore: 'general', credHelpers: { 'quay.io': 'own' } };
    expect(await asking('quay.io/x', config)).toEqual({
      serveraddress: 'quay.io',
      username: 'u',
      password: 'for quay.io',
    });
  });

  it('are a token where the credential program says so', async () => {
    program('store', 'cat >/dev/null; echo \'{"Username":"<token>","Secret":"s"}\'');
    expect(await asking('quay.io/x', { credsStore: 'store' })).toEqual({
      serveraddress: 'quay.io',
      identitytoken: 's',
    });
  });

  it('fall back to auths where the credential program knows none', async () => {
    program('store', 'cat >/dev/null; echo credentials not found in native keychain; exit 1');
    const config = { credsStore: 'store', auths: { 'quay.io': { auth: base64('a:b') } } };
    expect(await asking('quay.io/x', config)).toMatchObject({ username: 'a' });
  });

  it('fail with the reason where the config file or the credential program is broken', async () => {
    await expect(asking('quay.io/x', '{')).rejects.toThrow('cannot be read');
    await expect(asking('quay.io/x', { credsStore: 'absent' })).rejects.toThrow(
      'docker-credential-absent failed',
    );
    program('odd', 'cat >/dev/null; echo secret-looking nonsense');
    await expect(asking('quay.io/x', { credsStore: 'odd' })).rejects.toThrow(
      'gave no credentials that can be read',
    );
  });
});
