import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { baseOf } from '../../src/openstack/access.js';
import { readCloud } from '../../src/openstack/clouds-yaml.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-clouds-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (): string => join(folder, 'clouds.yaml');
const write = async (text: string, name = 'clouds.yaml'): Promise<void> => {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), 0o600);
};
const read = (cloud = 'kolla-admin') => readCloud({ file: file(), cloud });

/** As kolla-ansible's post-deploy writes it. */
const KOLLA = `
clouds:
  kolla-admin:
    auth:
      auth_url: https://cloud.example:5000
      project_domain_name: Default
      user_domain_name: Default
      project_name: admin
      username: admin
      password: a-secret-of-kolla
    region_name: RegionOne
  kolla-admin-system:
    auth:
      auth_url: https://cloud.example:5000
      user_domain_name: Default
      system_scope: all
      username: admin
      password: a-secret-of-kolla
  kolla-admin-internal:
    auth: { auth_url: 'http://192.0.2.10:5000/v3', project_id: 4711, username: admin, password: a-secret-of-kolla }
    interface: internal
    verify: false
`;

test('reads the file that kolla-ansible writes', async () => {
  await write(KOLLA);
  const { credentials, ...access } = read();
  expect(access).toEqual({
    cloud: 'kolla-admin',
    authBase: 'https://cloud.example:5000',
    region: 'RegionOne',
    interface: 'public',
    tls: { ca: undefined, verify: true },
    warnings: [],
  });
  expect(credentials).toMatchObject({
    kind: 'password',
    user: { name: 'admin', domain: { name: 'Default' } },
    project: { name: 'admin', domain: { name: 'Default' } },
  });
  expect(credentials.kind === 'password' && credentials.password.reveal()).toBe('a-secret-of-kolla');
  expect(JSON.stringify(credentials)).not.toContain('a-secret-of-kolla');
});

test('takes interface, verify, a project by its id, and an address with a version', async () => {
  await write(KOLLA);
  const access = read('kolla-admin-internal');
  expect([access.authBase, access.interface, access.tls.verify]).toEqual([
    'http://192.0.2.10:5000',
    'internal',
    false,
  ]);
  expect(access.credentials).toMatchObject({ project: { id: '4711' } });
});

test('lays secure.yaml over it', async () => {
  await write(KOLLA.replaceAll('      password: a-secret-of-kolla\n', ''));
  await write("clouds: { kolla-admin: { auth: { password: 'from-secure-yaml' } } }", 'secure.yaml');
  const { credentials } = read();
  expect(credentials.kind === 'password' && credentials.password.reveal()).toBe('from-secure-yaml');
});

test('takes an application credential by its id, or by its name with its user', async () => {
  const auth = (more: string) => `
clouds:
  bot:
    auth_type: v3applicationcredential
    auth: { auth_url: 'https://cloud.example/identity', application_credential_secret: app-secret-value, ${more} }
`;
  await write(auth('application_credential_id: abc'));
  expect(read('bot').credentials).toMatchObject({
    kind: 'application-credential',
    credential: { id: 'abc' },
  });
  await write(auth('application_credential_name: bot, username: stackswap, user_domain_id: default'));
  expect(read('bot').credentials).toMatchObject({
    credential: { name: 'bot', user: { name: 'stackswap', domain: { id: 'default' } } },
  });
});

test('says that everybody on the machine can read it', async () => {
  await write(KOLLA);
  await chmod(file(), 0o644);
  expect(read().warnings).toEqual([
    `${file()} holds credentials and can be read by everybody on this machine: chmod 600 it.`,
  ]);
});

test.each([
  ['another cloud', KOLLA, 'typo', /has no cloud typo, but kolla-admin, kolla-admin-system/],
  ['a system scope', KOLLA, 'kolla-admin-system', /system-scoped/],
  [
    'no password',
    KOLLA.replaceAll('password: a-secret-of-kolla', 'x: y'),
    'kolla-admin',
    /lacks auth\.password/,
  ],
  [
    'nothing at all',
    'clouds: { a: {} }',
    'a',
    /lacks auth\.auth_url, auth\.username or user_id, auth\.password, auth\.project_name or project_id/,
  ],
  [
    'another kind of login',
    'clouds: { a: { auth_type: v3oidcpassword } }',
    'a',
    /uses auth_type v3oidcpassword/,
  ],
  ['no clouds', 'hello: 1', 'a', /has no `clouds`/],
  ['a text for a map', 'clouds: { a: { auth: nothing } }', 'a', /a is not as expected at auth/],
  [
    'an address of another kind',
    KOLLA.replace('https://cloud.example:5000', 'cloud.example'),
    'kolla-admin',
    /auth_url of kolla-admin is no http address/,
  ],
  [
    'a CA that is not there',
    KOLLA.replace('region_name', 'cacert: /nowhere/ca.pem\n    region_name'),
    'kolla-admin',
    /cacert cannot be read/,
  ],
])('refuses %s, by name', async (_what, text, cloud, problem) => {
  await write(text);
  expect(() => read(cloud)).toThrow(problem);
  expect(() => read(cloud)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});

test('refuses a file that is not there, and one that is no YAML without quoting it', async () => {
  expect(() => read()).toThrow(/ENOENT/);
  await write('clouds:\n  a:\n   auth: {password: "a-secret-of-kolla\n');
  let said = '';
  try {
    read('a');
  } catch (error) {
    said = String(error);
  }
  expect(said).toContain('clouds.yaml: ');
  expect(said).not.toContain('a-secret-of-kolla');
});

test('an endpoint’s base is what stands before its version', () => {
  expect(
    [
      'http://192.0.2.1:8776/v3/%(project_id)s',
      'http://192.0.2.1:5000/v3/',
      'http://192.0.2.1:9292',
      'https://cloud.example/volume/v3/abc',
      'https://cloud.example/placement/',
    ].map(baseOf),
  ).toEqual([
    'http://192.0.2.1:8776',
    'http://192.0.2.1:5000',
    'http://192.0.2.1:9292',
    'https://cloud.example/volume',
    'https://cloud.example/placement',
  ]);
});
