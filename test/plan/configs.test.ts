import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.js';
import { memoryJournal } from '../../src/store/memory.js';
import { type Configured, configuredCloud, removeRendered, renderAll } from '../run/configured.js';
import { ANN, bornOver } from '../run/scene.js';

afterAll(removeRendered);

const planFor = async ({ scene }: Configured, to = '2025.2'): Promise<Plan> => {
  const { app } = await bornOver(scene, memoryJournal());
  return app.plan(ANN, { service: 'cinder', to, overrides: {} });
};

const said = ({ findings }: Plan, code = 'config-pair'): readonly string[] =>
  findings.filter((finding) => finding.code === code).map(({ level, text }) => `${level}: ${text}`);

const API = '2025.2/node1/cinder-api';

describe('what is rendered for the target release', () => {
  test('fits, and each swap and the migration carry what is to be installed', async () => {
    const plan = await planFor(await configuredCloud());
    expect(said(plan)).toEqual([]);
    const configs = plan.steps.flatMap((step) =>
      step.kind === 'swap' || step.kind === 'migrate'
        ? [`${step.kind} ${step.config?.folder ?? 'nothing'}`]
        : [],
    );
    expect(configs).toEqual([
      'migrate /etc/kolla/cinder-api',
      'swap /etc/kolla/cinder-scheduler',
      'swap /etc/kolla/cinder-volume',
      'swap /etc/kolla/cinder-api',
    ]);
    expect(plan.finalize.some((step) => 'config' in step)).toBe(false);
  });

  test('is the same in two plans, so that an approved one does not go stale by itself', async () => {
    const cloud = await configuredCloud();
    expect((await planFor(cloud)).steps).toEqual((await planFor(cloud)).steps);
  });

  test.each([
    ['is not there', (at: string) => rmSync(at, { recursive: true }), /cinder-api is not there/],
    ['has no config.json', (at: string) => rmSync(join(at, 'config.json')), /it has no config.json/],
    [
      'has a broken config.json',
      (at: string) => writeFileSync(join(at, 'config.json'), '{"command": "PW-2025-secret"'),
      /config.json is no valid JSON/,
    ],
    [
      'has a config.json without a command',
      (at: string) => writeFileSync(join(at, 'config.json'), '{"config_files": []}'),
      /no usable "command"/,
    ],
    ['lacks a file that is copied', (at: string) => rmSync(join(at, 'cinder.conf')), /needs cinder.conf/],
    ['holds a link', (at: string) => symlinkSync('/etc/passwd', join(at, 'trap')), /trap is a symbolic link/],
  ])('blocks where it %s', async (_what, change, why) => {
    const cloud = await configuredCloud();
    change(join(cloud.rendered, API));
    const [finding = '', ...more] = said(await planFor(cloud));
    expect(finding).toMatch(/^block: .*cinder_api on node1/);
    expect(finding).toMatch(why);
    expect([more, finding.includes('PW-2025')]).toEqual([[], false]);
  });

  test('is of the target by its own word, else by the folder’s name, else it blocks', async () => {
    const cloud = await configuredCloud({ folder: '{host}' });
    renameSync(join(cloud.rendered, '2025.2/node1'), join(cloud.rendered, 'node1'));
    expect(said(await planFor(cloud))).toEqual([
      expect.stringMatching(/^block: .*node1 does not say which release it was rendered for/),
    ]);
    writeFileSync(join(cloud.rendered, 'node1/release'), '2025.1\n');
    expect(said(await planFor(cloud))).toEqual([
      expect.stringMatching(/was rendered for 2025.1, not for 2025.2, which node1 is to get/),
    ]);
    writeFileSync(join(cloud.rendered, 'node1/release'), 'flamingo\n');
    expect(said(await planFor(cloud))).toEqual([]);
  });

  test('is not believed where its own word contradicts the folder’s name', async () => {
    const cloud = await configuredCloud();
    writeFileSync(join(cloud.rendered, '2025.2/release'), '2025.1\n');
    expect(said(await planFor(cloud))).toEqual([expect.stringContaining('was rendered for 2025.1')]);
  });

  test.each(['2025.2', 'Flamingo'])(
    'is not looked at for a host of which the operator says that %s fits',
    async (word) => {
      const cloud = await configuredCloud();
      rmSync(join(cloud.rendered, '2025.2'), { recursive: true });
      const hosts = cloud.scene.config.hosts.map((host) => ({ ...host, config_fits: [word] }));
      const plan = await planFor({
        ...cloud,
        scene: { ...cloud.scene, config: { ...cloud.scene.config, hosts } },
      });
      expect(said(plan)).toEqual([]);
      expect(plan.steps.some((step) => 'config' in step)).toBe(false);
    },
  );

  test('is said to be there already where it is, and nothing is installed', async () => {
    const cloud = await configuredCloud();
    const { files } = cloud.scene.cloud.host('node1');
    renderAll(cloud.scene, cloud.rendered, '2025.1');
    rmSync(join(cloud.rendered, API), { recursive: true });
    renameSync(join(cloud.rendered, '2025.1/node1/cinder-api'), join(cloud.rendered, API));
    const plan = await planFor(cloud);
    expect(files.size).toBeGreaterThan(0);
    expect(said(plan, 'config-there')).toEqual([
      expect.stringMatching(/^warn: \/etc\/kolla\/cinder-api on node1 is already as rendered/),
    ]);
    expect(plan.findings.find(({ code }) => code === 'config-there')?.wayOut).toMatch(
      /^Put the running release’s configuration back first/,
    );
  });

  test('warns of files that nothing deletes and that the other release’s config.json uses', async () => {
    const cloud = await configuredCloud();
    const { files } = cloud.scene.cloud.host('node1');
    const file = files.get('/etc/kolla/cinder-api/cinder.conf');
    if (!file) throw new Error('the cloud has no cinder.conf');
    files.set('/etc/kolla/cinder-api/policy.yaml', file);
    files.set('/etc/kolla/cinder-api/notes.txt', file);
    const text = JSON.stringify({
      command: 'x --release 2025.2',
      config_files: [{ source: '/var/lib/kolla/config_files/pol*', dest: '/x', optional: true }],
    });
    writeFileSync(join(cloud.rendered, API, 'config.json'), text);
    const plan = await planFor(cloud);
    expect(said(plan, 'config-stays')).toEqual([
      expect.stringMatching(
        /^warn: policy.yaml of cinder_api on node1 .* stays, and the target's config.json uses it/,
      ),
    ]);
    const changes = plan.configDiffs
      ?.flatMap((diff) => diff.files)
      .filter(({ change }) => change.startsWith('stays'));
    expect(changes?.map(({ path, change }) => `${path} ${change}`)).toEqual([
      'notes.txt stays, unused',
      'policy.yaml stays, used',
    ]);
  });
});

describe('what the host has', () => {
  test('blocks where a container has no folder of Kolla’s', async () => {
    const cloud = await configuredCloud();
    const engine = cloud.scene.cloud.operator('node1');
    const old = await engine.inspect('cinder_api');
    if (!old) throw new Error('no cinder_api');
    await engine.stop(old.Id, 1);
    await engine.remove(old.Id);
    const Image = cloud.scene.ref('cinder_api', '2025.1');
    const HostConfig = { NetworkMode: 'host', RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } };
    await engine.create('cinder_api', { body: { Image, HostConfig }, connect: [] });
    expect(said(await planFor(cloud))).toEqual([
      expect.stringMatching(
        /^block: cinder_api on node1 has no folder bound to \/var\/lib\/kolla\/config_files/,
      ),
    ]);
  });

  test('blocks where its own config.json cannot be taken', async () => {
    const cloud = await configuredCloud();
    cloud.scene.cloud.host('node1').files.delete('/etc/kolla/cinder-volume/config.json');
    expect(said(await planFor(cloud))).toEqual([
      expect.stringMatching(
        /^block: The present configuration of cinder_volume on node1 .* it has no config.json/,
      ),
    ]);
  });
});

describe('the command that renders', () => {
  const rendering = async (script: string) => {
    const cloud = await configuredCloud();
    const { config } = cloud.scene;
    const folder = join(cloud.rendered, 'out/{host}');
    mkdirSync(join(cloud.rendered, 'out'));
    const target_config = { folder, command: ['sh', '-c', script], timeout: 2_000 };
    return { ...cloud, scene: { ...cloud.scene, config: { ...config, target_config } } };
  };

  test('is run with the release, the service, the hosts and the folder, and none of the bot’s own variables', async () => {
    process.env.SLACK_BOT_TOKEN_OF_TEST = 'xoxb-never';
    const cloud = await rendering(
      'set -e; d=$(dirname "$STACKSWAP_FOLDER"); env > "$d/env"; cp -r "$d/../$STACKSWAP_RELEASE/node1" "$d/$STACKSWAP_HOSTS"; test $STACKSWAP_SERVICE = cinder',
    );
    const plan = await planFor(cloud);
    delete process.env.SLACK_BOT_TOKEN_OF_TEST;
    expect(said(plan)).toEqual([]);
    expect(readFileSync(join(cloud.rendered, 'out/env'), 'utf8')).not.toContain('xoxb');
  });

  test('blocks the plan when it fails, and shows nothing of what it said but which task failed where', async () => {
    const cloud = await rendering(
      `echo '+auth_pass q1w2e3r4t5'; echo 'fatal: [ctl1]: FAILED! => {"content": "q1w2e3r4t5"}'; exit 3`,
    );
    expect(said(await planFor(cloud))).toEqual([
      'block: The configuration of 2025.2 could not be rendered: sh ended with exit code 3 (fatal: [ctl1]: FAILED!)',
    ]);
  });

  test('is ended with all that it started when it takes too long', async () => {
    const cloud = await rendering('sleep 60 & sleep 60');
    expect(said(await planFor(cloud))).toEqual([
      expect.stringMatching(/sh was ended after 2 s \(target_config.timeout\)$/),
    ]);
  });

  test('that is not there says so', async () => {
    const cloud = await rendering('');
    const target_config = {
      ...cloud.scene.config.target_config,
      folder: '/x/{host}',
      command: ['/nowhere/render'],
      timeout: 1_000,
    };
    const scene = { ...cloud.scene, config: { ...cloud.scene.config, target_config } };
    expect(said(await planFor({ ...cloud, scene }))).toEqual([
      expect.stringMatching(/\/nowhere\/render could not be started/),
    ]);
  });

  test('is not run again when an approved plan is checked before its run', async () => {
    const cloud = await rendering(
      'set -e; d=$(dirname "$STACKSWAP_FOLDER"); echo x >> "$d/count"; cp -rT "$d/../2025.2/node1" "$d/node1"',
    );
    const { app } = await bornOver(cloud.scene, memoryJournal());
    const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
    await app.approve({ id: 'U0BOB', name: 'Bob', door: 'slack' }, id);
    expect((await app.settled(id)).phase).toBe('upgraded');
    expect(readFileSync(join(cloud.rendered, 'out/count'), 'utf8')).toBe('x\n');
  });
});
