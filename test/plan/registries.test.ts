import { expect, test } from 'vitest';
import { allowedEngine } from '../../src/app/allowed-engine.js';
import type { Engine } from '../../src/engine/port.js';
import { isAllowed, registryName } from '../../src/plan/reference.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, bornOver, cinderCloud, withoutPorts } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';

const REGISTRY = 'registry.test:5000';

test.each([
  ['registry.test:5000/kolla/cinder-api:2025.1', [REGISTRY], true],
  ['registry.test:5000/kolla/cinder-api@sha256:0123', [REGISTRY], true],
  ['registry.test:5001/kolla/cinder-api:2025.1', [REGISTRY], false],
  ['registry.test/kolla/cinder-api:2025.1', [REGISTRY], false],
  ['registry.test:5000.evil.example/kolla/cinder-api:2025.1', [REGISTRY], false],
  ['evil.example/registry.test:5000/kolla/cinder-api:1', [REGISTRY], false],
  ['quay.io/openstack.kolla/cinder-api:2025.1', ['quay.io/openstack.kolla'], true],
  ['quay.io/openstack.kolla-evil/cinder-api:2025.1', ['quay.io/openstack.kolla'], false],
  ['quay.io/somebody/cinder-api:2025.1', ['quay.io/openstack.kolla/'], false],
  ['busybox', ['docker.io'], true],
  ['busybox:1', ['docker.io/library'], true],
  ['kolla/cinder-api:2025.1', ['docker.io/kolla'], true],
  ['index.docker.io/kolla/cinder-api:2025.1', ['docker.io/kolla'], true],
  ['docker.io/busybox', ['docker.io/kolla'], false],
  ['localhost/kolla/cinder-api:1', ['docker.io'], false],
  ['docker.io.evil.example/kolla/cinder-api:1', ['docker.io'], false],
] as const)('%s with %j allowed: %s', (ref, registries, expected) => {
  expect(isAllowed(ref, registries)).toBe(expected);
});

test('a registry is named as people write it', () => {
  expect(['busybox', 'quay.io/a/b:1', 'registry.test:5000/a@sha256:1'].map(registryName)).toEqual([
    'docker.io',
    'quay.io',
    'registry.test:5000',
  ]);
});

const planOf = async (
  scene: KollaScene,
  images: Partial<KollaScene['config']['images']>,
  seen: string[] = [],
) => {
  const engines = new Map(
    [...scene.engines()].map(([name, engine]) => [
      name,
      {
        ...engine,
        resolve: (ref: string) => {
          seen.push(ref);
          return engine.resolve(ref);
        },
      },
    ]),
  );
  const config = { ...scene.config, images: { ...scene.config.images, ...images } };
  const { app } = await bornOver({ ...scene, config, engines: () => engines }, memoryJournal());
  return app.plan(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
};

const cloud = async () => withoutPorts(await cinderCloud({ prepulled: false }));

test('an image from a registry that is not allowed blocks the plan, and that registry is not even asked', async () => {
  const asked: string[] = [];
  const plan = await planOf(
    await cloud(),
    { registries: ['quay.io/openstack.kolla'], pull: 'always' },
    asked,
  );
  const blocking = plan.findings.filter(({ level }) => level === 'block');
  expect(blocking.map(({ code }) => code)).toEqual(Array(3).fill('registry-foreign'));
  expect(blocking[0]?.text).toContain('registry.test:5000/kolla/');
  expect(blocking[0]?.text).toContain('quay.io/openstack.kolla');
  expect(blocking[0]?.wayOut).toContain('images.registries');
  expect(asked).toEqual([]);
});

test('the one registry of the settings is allowed, and so is what is listed', async () => {
  const own = await planOf(await cloud(), {});
  const listed = await planOf(await cloud(), { registries: [`${REGISTRY}/kolla`, 'quay.io'] });
  for (const { findings } of [own, listed])
    expect(findings.filter(({ code }) => code.startsWith('registry-'))).toEqual([]);
});

test('without settings the running containers say which registry is theirs', async () => {
  const { findings } = await planOf(await cloud(), { registry: undefined, namespace: undefined });
  expect(findings.filter(({ code }) => code.startsWith('registry-'))).toEqual([]);
});

test('a container that somebody runs from another registry is pointed out before it gets its new image from there', async () => {
  const scene = await cloud();
  const engines = new Map(
    [...scene.engines()].map(([name, engine]) => [
      name,
      {
        ...engine,
        inspect: async (id: string) => {
          const seen = await engine.inspect(id);
          return seen?.Name === '/cinder_volume'
            ? { ...seen, Config: { ...seen.Config, Image: 'evil.example/kolla/cinder-volume:2025.1' } }
            : seen;
        },
      },
    ]),
  );
  const { findings } = await planOf(
    { ...scene, engines: () => engines },
    { registry: undefined, namespace: undefined },
  );
  const mixed = findings.find(({ code }) => code === 'registry-mixed');
  expect(mixed?.text).toContain('registry.test:5000, evil.example');
  expect(mixed?.wayOut).toContain('images.registry');
});

test('whatever a journal says, an engine is never told to pull from elsewhere', async () => {
  const pulled: string[] = [];
  const engine = { host: 'ctl1', pull: async (ref: string) => pulled.push(ref) } as unknown as Engine;
  const isBack = () => false;
  const allowed = allowedEngine(engine, { registries: [REGISTRY], isBack });
  await allowed.pull(`${REGISTRY}/kolla/cinder-api:1`);
  await expect(allowed.pull('evil.example/kolla/cinder-api:1', 'sha256:1')).rejects.toThrow(
    'ctl1: pull evil.example/kolla/cinder-api:1: its registry is not in images.registries of the hosts file',
  );
  await allowedEngine(engine, { registries: undefined, isBack }).pull('evil.example/kolla/cinder-api:1');
  expect(pulled).toEqual([`${REGISTRY}/kolla/cinder-api:1`, 'evil.example/kolla/cinder-api:1']);
});
