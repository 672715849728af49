import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctorOn, said, sceneOf } from './doctor-scene.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const toldOf = async (settings: { folder: string; command?: string[] }): Promise<readonly string[]> => {
  const scene = await sceneOf({ services: ['placement'] });
  const report = await doctorOn(scene, { config: { target_config: { timeout: 1_000, ...settings } } });
  return said(report, 'target-config');
};

test('a folder of the target release’s configuration that is not there is told before somebody plans', async () => {
  expect(await toldOf({ folder: join(folder, 'none', '{host}') })).toEqual([
    `know: The folder of the target release’s configuration for this host is not there: ${join(folder, 'none', 'node1')}.`,
  ]);
});

test('one that is there is told with its release', async () => {
  await mkdir(join(folder, 'node1', 'placement-api'), { recursive: true });
  await writeFile(join(folder, 'node1', 'release'), '2025.2\n');
  expect(await toldOf({ folder: join(folder, '{host}') })).toEqual([
    'well: Configuration of a target release is there for 1 service, for 2025.2.',
  ]);
});

test('one that a command makes, or that stands for a release, is not looked for yet', async () => {
  const [made, each] = [
    await toldOf({ folder: join(folder, '{host}'), command: ['render'] }),
    await toldOf({ folder: join(folder, '{release}', '{host}') }),
  ];
  expect(made).toEqual(each);
  expect(made).toEqual([expect.stringMatching(/^well: .* is looked for when a plan crosses a release\.$/)]);
});

test('a file in the folder’s place is as good as nothing', async () => {
  await writeFile(join(folder, 'node2'), '');
  expect(await toldOf({ folder: join(folder, 'node2', '{host}') })).toEqual([
    expect.stringMatching(/^know: /),
  ]);
});
