import { expect, test } from 'vitest';
import { buildApp } from '../../src/build-app.js';
import type { Config } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { fingerprintOf, type Plan } from '../../src/plan/plan.js';
import { redactor } from '../../src/redact.js';
import { virtualClock } from '../../src/sim/clock.js';
import { say } from '../../src/steps/index.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, cinderCloud, withoutPorts } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';

const silent = createLog({ level: 'error', redact: redactor(), destination: { write: () => undefined } });

const appOver = (scene: KollaScene, config: Partial<Config> = {}) =>
  buildApp({
    config: { ...scene.config, ...config },
    log: silent,
    redactor: redactor(),
    journal: memoryJournal(),
    engines: scene.engines(),
  });

const scene = async (options: Parameters<typeof cinderCloud>[0] = {}) =>
  withoutPorts(await cinderCloud(options));

const sentences = (plan: Plan): string[] => plan.steps.map((step) => say(step, plan));
const last = (plan: Plan): string[] => plan.finalize.map((step) => say(step, plan));
const findings = (plan: Plan): string[] => plan.findings.map(({ level, code }) => `${level} ${code}`);

const planFor = async (
  cloud: KollaScene,
  to: string | undefined,
  config: Partial<Config> = {},
  overrides = {},
  service = 'cinder',
) => (await appOver(cloud, config)).plan(ANN, { service, ...(to === undefined ? {} : { to }), overrides });

test('a plan across a release migrates first, swaps role by role and the API last, and finalizes with restarts', async () => {
  const plan = await planFor(await scene(), '2025.2', { settle: 30_000 });
  expect(sentences(plan)).toEqual([
    'Migrate the database: cinder-manage db sync in a one-off container of cinder-api:2025.2 on node1; never undone.',
    'Swap cinder_scheduler on node1: 2025.1 → 2025.2. Stop within 60 s, start, judge health; the old one is kept, stopped.',
    'Swap cinder_volume on node1: 2025.1 → 2025.2. Stop within 600 s, start, judge health; the old one is kept, stopped.',
    'Swap cinder_api on node1: 2025.1 → 2025.2. Stop within 80 s, start, judge health; the old one is kept, stopped.',
  ]);
  expect(last(plan)).toEqual([
    'Wait 30 s: the new service versions have to reach the database.',
    "Restart cinder_scheduler on node1 so that it drops the old release's RPC version pin, and judge its health.",
    "Restart cinder_volume on node1 so that it drops the old release's RPC version pin, and judge its health.",
    "Restart cinder_api on node1 so that it drops the old release's RPC version pin, and judge its health.",
    'Migrate the database: cinder-manage db online_data_migrations in a one-off container of cinder-api:2025.2 on node1; never undone.',
    'Remove the kept old container of cinder_scheduler on node1; its volumes stay.',
    'Remove the kept old container of cinder_volume on node1; its volumes stay.',
    'Remove the kept old container of cinder_api on node1; its volumes stay.',
  ]);
  expect(plan.rollbackClass).toBe('B');
  expect(findings(plan)).toEqual(['warn api-not-probed']);
});

test('a newer build of the same release is the default: pulled by digest, no migration, no restart', async () => {
  const cloud = await scene({ releases: [{ id: '2025.1' }] });
  cloud.rebuild('2025.1', 'b2');
  const plan = await planFor(cloud, undefined);
  expect(sentences(plan).map((sentence) => sentence.replace(/sha256:\w+/, 'sha256:…'))).toEqual([
    'Pull registry.test:5000/kolla/cinder-scheduler:2025.1 (sha256:…) on node1; nothing is interrupted.',
    'Pull registry.test:5000/kolla/cinder-volume:2025.1 (sha256:…) on node1; nothing is interrupted.',
    'Pull registry.test:5000/kolla/cinder-api:2025.1 (sha256:…) on node1; nothing is interrupted.',
    expect.stringMatching(/^Swap cinder_scheduler/),
    expect.stringMatching(/^Swap cinder_volume/),
    expect.stringMatching(/^Swap cinder_api/),
  ]);
  expect(plan.crossesRelease).toBe(false);
  expect(plan.rollbackClass).toBe('A');
});

test('where every container runs the newest build there is nothing to do', async () => {
  await expect(planFor(await scene(), undefined)).rejects.toMatchObject({ code: 'nothing-to-do' });
});

test('several hosts are swapped one after the other within a role, and migrations run on the first one', async () => {
  const plan = await planFor(await scene({ hosts: 2 }), '2025.2');
  expect(
    plan.steps.map((step) => (step.kind === 'swap' ? `${step.old.name}@${step.old.host}` : step.kind)),
  ).toEqual([
    'migrate',
    'cinder_scheduler@node1',
    'cinder_scheduler@node2',
    'cinder_volume@node1',
    'cinder_volume@node2',
    'cinder_api@node1',
    'cinder_api@node2',
  ]);
});

const hosts = (cloud: KollaScene, change: object) => ({
  hosts: cloud.config.hosts.map((host) => ({ ...host, ...change })),
});

test.each([
  ['a release boundary without prepared configuration', { config_fits: [] }, 'block config-pair'],
  [
    'a host that says that systemd owns its containers, without access to its units',
    { supervisor: 'systemd' },
    'warn unit-not-reached',
  ],
] as const)('%s is a finding', async (_what, change, finding) => {
  const cloud = await scene();
  expect(findings(await planFor(cloud, '2025.2', hosts(cloud, change)))).toContain(finding);
});

test('a Kolla container without an engine restart policy is swapped past its unit unless the host says supervisor: none', async () => {
  const cloud = await scene({ restartPolicy: 'no' });
  const plan = await planFor(cloud, '2025.2', hosts(cloud, { supervisor: undefined }));
  expect(findings(plan)).toContain('warn unit-not-reached');
  expect(sentences(plan).at(-1)).toContain(
    'Rename the old one away, stop it within 80 s, wait until its unit kolla-cinder_api-container.service starts the new one (about 11 s), judge health',
  );
  expect(findings(await planFor(cloud, '2025.2'))).not.toContain('warn unit-not-reached');
});

test('a jump that OpenStack does not support blocks, and a typed reason turns it into a warning that is shown', async () => {
  const cloud = await scene({ releases: [{ id: '2024.2' }, { id: '2026.1' }] });
  expect((await planFor(cloud, '2026.1')).findings.map(({ text }) => text)).toContain(
    'OpenStack supports 2024.2 → 2025.1, not 2024.2 → 2026.1.',
  );
  const plan = await planFor(cloud, '2026.1', {}, { jump: 'lab only' });
  expect(findings(plan)).toContain('warn jump');
  expect(findings(plan)).not.toContain('block jump');
});

test('a downgrade blocks whatever reason is typed', async () => {
  const cloud = await scene({ releases: [{ id: '2025.2' }, { id: '2025.1' }] });
  expect(findings(await planFor(cloud, '2025.1', {}, { jump: 'I want it' }))).toContain('block downgrade');
});

test('a container that is not running and an image that cannot be had block', async () => {
  const stopped = await scene();
  const engine = stopped.cloud.operator('node1');
  await engine.stop((await engine.inspect('cinder_volume'))?.Id ?? '', 1);
  expect(findings(await planFor(stopped, '2025.2'))).toContain('block not-running');
  expect(
    findings(await planFor(await scene({ prepulled: false }), '2026.1-nowhere', {}, { jump: 'x' })),
  ).toContain('block image');
});

test('one that is unhealthy before blocks', async () => {
  let well = true;
  const clock = virtualClock();
  const ill = await scene({ clock, weather: () => well });
  well = false;
  clock.advance(600_000);
  expect(findings(await planFor(ill, '2025.2'))).toContain('block unhealthy');
  well = true;
  expect(findings(await planFor(ill, '2025.2'))).not.toContain('block unhealthy');
});

test('a container that joined the network of one to be swapped blocks and is named', async () => {
  const cloud = await scene();
  const engine = cloud.cloud.operator('node1');
  const target = await engine.inspect('cinder_api');
  await engine.start(
    await engine.create('sidecar', {
      body: { Image: target?.Config.Image, HostConfig: { NetworkMode: `container:${target?.Id}` } },
      connect: [],
    }),
  );
  const plan = await planFor(cloud, '2025.2');
  expect(plan.findings.find(({ code }) => code === 'joined')?.text).toBe(
    'sidecar shares the network namespace of cinder_api on node1: a swap would leave it on a dead one.',
  );
});

test('a host that does not answer blocks: whether the service runs there is unknown', async () => {
  const cloud = await scene({ hosts: 2 });
  cloud.cloud.inject(({ host }) => (host === 'node2' ? 'refuse' : 'ok'));
  expect(findings(await planFor(cloud, '2025.2'))).toContain('block host-unreachable');
});

test('where no host answers there is no plan to read, only who is silent', async () => {
  const cloud = await scene();
  cloud.cloud.inject(() => 'refuse');
  await expect(planFor(cloud, undefined)).rejects.toMatchObject({
    code: 'engine-unreachable',
    why: expect.stringMatching(/^No container of cinder was found, and node1 does not answer \(.+\)\.$/),
  });
});

test('a leftover of an earlier run warns while it is stopped', async () => {
  const cloud = await scene();
  const engine = cloud.cloud.operator('node1');
  const target = await engine.inspect('cinder_api');
  await engine.create('cinder_api__prev_r1234', { body: { Image: target?.Config.Image }, connect: [] });
  expect(findings(await planFor(cloud, '2025.2'))).toContain('warn leftover');
});

test('a class D service wants the word that a backup was taken', async () => {
  const cloud = await scene();
  expect(findings(await planFor(cloud, '2025.2', {}, {}, 'placement'))).toContain('block backup');
  expect(findings(await planFor(cloud, '2025.2', {}, { backup: 'dump' }, 'placement'))).toContain(
    'warn backup',
  );
});

test('a service that is not in the catalogue and a release that nobody knows are refused with the way out', async () => {
  const cloud = await scene();
  await expect(planFor(cloud, '2025.2', {}, {}, 'novaa')).rejects.toMatchObject({
    code: 'unknown-service',
    wayOut: expect.stringContaining('keystone, glance, cinder, placement'),
  });
  await expect(planFor(cloud, 'not a tag')).rejects.toMatchObject({ code: 'unknown-release' });
  await expect(planFor(cloud, '2025.2', {}, {}, 'glance')).rejects.toMatchObject({ code: 'no-containers' });
});

test('the fingerprint covers the plan’s containers and overrides, and not the rest of the cloud', async () => {
  const cloud = await scene();
  const before = fingerprintOf(await planFor(cloud, '2025.2'));
  const engine = cloud.cloud.operator('node1');
  await engine.stop((await engine.inspect('placement_api'))?.Id ?? '', 1);
  expect(fingerprintOf(await planFor(cloud, '2025.2'))).toBe(before);
  expect(fingerprintOf(await planFor(cloud, '2025.2', {}, { jump: 'why' }))).not.toBe(before);
  await engine.setRestartPolicy((await engine.inspect('cinder_api'))?.Id ?? '', {
    Name: 'always',
    MaximumRetryCount: 0,
  });
  expect(fingerprintOf(await planFor(cloud, '2025.2'))).not.toBe(before);
});

test('no environment value of any container is in a plan', async () => {
  const cloud = await scene({ env: ['CANARY_PASSWORD=hunter2-canary', 'PLAIN=canary-plain'] });
  const text = JSON.stringify(await planFor(cloud, '2025.2'));
  expect(text).not.toContain('hunter2-canary');
  expect(text).not.toContain('canary-plain');
});
