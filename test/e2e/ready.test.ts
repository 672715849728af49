import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cloud, releaseOf } from '../../src/demo/cloud/cloud.js';
import { startDockerCloud } from '../../src/demo/cloud/docker.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import { type FakeOpenStack, fakeOpenStack, PASSWORD } from '../openstack-api/fake-openstack.js';
import { describeUnless } from '../setup/left-out.js';
import { type Bot, backAndFree, bornOver, configOf, upgrade } from './bot.js';
import { hostsFileOf, isOf, leftover, ownContainers, serving } from './cloud.js';

const engine = await localEngine();
const NAMES = ['cinder_api', 'cinder_scheduler', 'cinder_volume'];
const at = (tag: string) => NAMES.map((name) => `${name} ${tag} unless-stopped`);
const LYING = '2025.2-lying';

describeUnless(
  'missing' in engine ? engine.missing : undefined,
  'cinder asked as a client, on the machine’s engine',
  () => {
    if ('missing' in engine) return;
    const { docker } = engine;
    let cloud: Cloud;
    let keystone: FakeOpenStack;
    let bot: Bot;

    /** The good release once more, with an API that is well by its health check only. */
    const makeLyingImages = async (): Promise<void> => {
      const all = await docker.listContainers({ all: true });
      for (const name of NAMES) {
        const image = name.replaceAll('_', '-');
        const found = all.find(({ Names }) => Names.includes(`/${cloud.prefix}${name}`));
        const base = `${cloud.settings.images.namespace}/${image}`;
        const container = await docker.createContainer({
          name: `${cloud.prefix}lying_${name}`,
          Image: `${base}:2025.2-demo`,
          Labels: { ...found?.Labels },
        });
        try {
          await container.commit({
            repo: base,
            tag: LYING,
            changes: name === 'cinder_api' ? 'ENV DEMO_LIES=1' : 'ENV DEMO_LIES=0',
          });
        } finally {
          await container.remove({ force: true });
        }
      }
    };

    beforeAll(async () => {
      [cloud, keystone] = await Promise.all([startDockerCloud({ engine }), fakeOpenStack()]);
      keystone.catalogue.volumev3 = `${cloud.apiUrl('cinder')}/v3/p`;
      await makeLyingImages();
      const file = join(cloud.folder, 'clouds.yaml');
      const auth = { auth_url: keystone.urls.keystone, username: 'a', password: PASSWORD, project_name: 'a' };
      await writeFile(file, JSON.stringify({ clouds: { demo: { auth } } }), { mode: 0o600 });
      const clouds_yaml = { file, cloud: 'demo' };
      bot = await bornOver({
        config: configOf(
          hostsFileOf(cloud, {
            clouds_yaml,
            health: { interval: '200ms', successes: 2, minimum: '300ms', deadline: '10s' },
          }),
        ),
        state: join(cloud.folder, 'state'),
      });
    }, 120_000);
    afterAll(async () => {
      await bot?.app.close();
      await keystone?.close();
      await cloud?.close();
    });
    const own = () => ownContainers(docker, cloud);

    test('a release that answers is upgraded, and gone back from', { timeout: 120_000 }, async () => {
      const run = await upgrade(bot.app, { service: 'cinder', to: '2025.2' });
      expect([run.phase, run.why, run.asked]).toEqual(['upgraded', undefined, undefined]);
      expect(run.steps.flatMap(({ ready }) => ready?.ready ?? [])).toEqual([true, true, true]);
      expect(run.readyAtEnd?.map(({ ready }) => ready)).toEqual([true, true, true, true]);
      const back = await backAndFree(bot.app, run);
      expect([back.phase, back.readyBack?.map(({ ready }) => ready)]).toEqual([
        'rolled-back',
        [true, true, true, true],
      ]);
    });

    test('a release whose API says 200 to its health check and 503 to clients is rolled back', {
      timeout: 120_000,
    }, async () => {
      const before = await own();
      const run = await upgrade(bot.app, { service: 'cinder', to: LYING });
      const after = await own();
      const api = run.plan.steps.findIndex((step) => step.kind === 'swap' && step.old.entry === 'cinder_api');
      expect(run.steps[api]?.health?.outcome).toBe('healthy');
      expect(run.steps[api]?.ready?.ready).toBe(false);
      expect([run.phase, run.rollback?.by.door]).toEqual(['rolled-back', 'bot']);
      expect(run.rollback?.why).toMatch(
        /cinder_api on control01 is healthy but not ready .*volumes listed: answers 503/,
      );
      expect(await releaseOf(cloud, 'cinder')).toBe('2025.1');
      expect(serving(after, 'cinder')).toEqual(at('2025.1-demo'));
      expect(after.filter(isOf('cinder')).map(({ id }) => id)).toEqual(
        before.filter(isOf('cinder')).map(({ id }) => id),
      );
      expect(leftover(after)).toEqual([]);
    });
  },
);
