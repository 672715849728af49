import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type FakeOpenStack, fakeOpenStack, PASSWORD } from '../openstack-api/fake-openstack.js';
import { doctorOn, saidOfCloud, sceneOf } from './doctor-scene.js';

let folder = '';
let fake: FakeOpenStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-clouds-'));
  fake = await fakeOpenStack();
});
afterAll(async () => {
  await fake.close();
  await rm(folder, { recursive: true, force: true });
});

const toldWith = async (
  password: string,
  { mode = 0o600, cloud = 'admin', url = fake.urls.keystone } = {},
): Promise<readonly string[]> => {
  const file = join(folder, 'clouds.yaml');
  const auth = {
    auth_url: url,
    username: 'admin',
    password,
    project_name: 'admin',
    user_domain_id: 'default',
    project_domain_id: 'default',
  };
  await writeFile(file, stringify({ clouds: { admin: { auth } } }));
  await chmod(file, mode);
  const scene = await sceneOf({ services: ['placement'] });
  const report = await doctorOn(scene, { config: { clouds_yaml: { file, cloud } } });
  expect(JSON.stringify(report)).not.toContain(password);
  return saidOfCloud(report, 'clouds-yaml');
};

test('credentials that keystone takes are well', async () => {
  expect(await toldWith(PASSWORD)).toEqual(['well: Keystone gives a token for admin.']);
});

test('credentials that keystone does not take are to be mended before a run needs them', async () => {
  expect(await toldWith('wrong-staple')).toEqual([
    expect.stringMatching(
      /^mend: Keystone at http:\/\/127\.0\.0\.1:\d+\S* gave no token for admin of clouds\.yaml: it answers 401/,
    ),
  ]);
});

test('an address at which nothing listens is named with what it does', async () => {
  expect(await toldWith(PASSWORD, { url: 'http://127.0.0.1:1' })).toEqual([
    'mend: Keystone at http://127.0.0.1:1 gave no token for admin of clouds.yaml: it refuses connections.',
  ]);
});

test('a file that everybody can read is told', async () => {
  expect(await toldWith(PASSWORD, { mode: 0o644 })).toEqual([
    'well: Keystone gives a token for admin.',
    expect.stringMatching(/^know: .* can be read by everybody on this machine/),
  ]);
});

test('a cloud that is not in the file is named with those that are', async () => {
  expect(await toldWith(PASSWORD, { cloud: 'prod' })).toEqual([
    expect.stringMatching(/^mend: .*it has no cloud prod, but admin\.$/),
  ]);
});
