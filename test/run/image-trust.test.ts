import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { bornOver, cinderCloud, running, upgradeTo, withoutPorts } from './scene.js';

/** Engines of a scene with one method spied on; what is returned takes the call's place. */
const tampered = (scene: KollaScene, change: (engine: Engine) => Partial<Engine>): KollaScene => ({
  ...scene,
  engines: () =>
    new Map([...scene.engines()].map(([name, engine]) => [name, { ...engine, ...change(engine) }])),
});

const OLD = { cinder_scheduler: '2025.1', cinder_volume: '2025.1', cinder_api: '2025.1' };

const upgraded = async (scene: KollaScene) => {
  const { app } = await bornOver(scene, memoryJournal());
  const run = await upgradeTo(app, '2025.2');
  const events = await app.eventsOf(run.id);
  const created = events.flatMap(({ event }) => (event.kind === 'created' ? [event.name] : []));
  const started = events.flatMap(({ event }) =>
    event.kind === 'call' && event.op === 'start' ? [event.target] : [],
  );
  return { run, created, started };
};

const cloud = async (prepulled: boolean) => withoutPorts(await cinderCloud({ prepulled }));

/** As anybody who may push to the registry, or tag on the host, can. */
const moveTag = async (scene: KollaScene): Promise<void> => {
  scene.rebuild('2025.2', 'evil');
  const engine = scene.cloud.operator('node1');
  for (const name of Object.keys(OLD)) await engine.pull(scene.ref(name, '2025.2'));
};

test('a tag that was moved between plan and pull changes nothing: the digest of the plan is pulled', async () => {
  const scene = await cloud(false);
  const wanted = scene.cloud.registry.find(scene.ref('cinder_api', '2025.2'))?.digest;
  let moved = false;
  const early = tampered(scene, (engine) => ({
    pull: async (ref, digest) => {
      if (!moved) scene.rebuild('2025.2', 'evil');
      moved = true;
      return engine.pull(ref, digest);
    },
  }));
  const { run } = await upgraded(early);
  expect(run.phase).toBe('upgraded');
  const api = await scene.cloud.operator('node1').inspect('cinder_api');
  const image = await scene.cloud.operator('node1').image(api?.Image ?? '');
  expect(image?.RepoDigests).toEqual([expect.stringContaining(`@${wanted}`)]);
});

test('an engine that answers a pull with another image is not believed', async () => {
  const scene = await cloud(false);
  const lying = tampered(scene, (engine) => ({
    pull: async (ref) => {
      scene.rebuild('2025.2', 'evil');
      return engine.pull(ref);
    },
  }));
  const { run, created } = await upgraded(lying);
  expect(run.phase).toBe('failed');
  expect(run.why).toContain('another build than the approved one');
  expect(created).toEqual([]);
  expect(await running(scene)).toMatchObject(OLD);
});

test('a tag that is moved between the pull and the create of a swap is seen on the created container, before anything is stopped', async () => {
  const scene = await cloud(true);
  const late = tampered(scene, (engine) => ({
    create: async (name, spec) => {
      if (name.startsWith('cinder_scheduler__swap')) await moveTag(scene);
      return engine.create(name, spec);
    },
  }));
  const { run, started } = await upgraded(late);
  expect(run.phase).toBe('rolled-back');
  expect(run.rollback?.why).toMatch(/another (build|image) than the approved one/);
  expect(started.filter((target) => target.startsWith('new '))).toEqual([]);
  expect(await running(scene)).toMatchObject(OLD);
});

describe.each(['ended by itself', 'is gone'])('while the old one %s right after the create', (how) => {
  const end = async (scene: KollaScene): Promise<void> => {
    const operator = scene.cloud.operator('node1');
    const { Id = '' } = (await operator.inspect('cinder_scheduler')) ?? {};
    await operator.stop(Id, 1);
    if (how === 'is gone') await operator.remove(Id);
  };
  const isOurs = (name: string): boolean => name.startsWith('cinder_scheduler__swap');

  test('another build than the approved one is not started in its place', async () => {
    const scene = await cloud(true);
    const late = tampered(scene, (engine) => ({
      create: async (name, spec) => {
        if (isOurs(name)) await moveTag(scene);
        const id = await engine.create(name, spec);
        if (isOurs(name)) await end(scene);
        return id;
      },
    }));
    const { run, started } = await upgraded(late);
    expect(run.rollback?.why).toContain('got another image than the approved one');
    expect(started.filter((target) => target.startsWith('new '))).toEqual([]);
    expect([run.phase, await running(scene)]).toMatchObject(['rolled-back', OLD]);
  });

  test('one that lost a part of the configuration is not started in its place', async () => {
    const scene = await cloud(true);
    const lossy = tampered(scene, (engine) => ({
      create: async (name, spec) => {
        if (!isOurs(name)) return engine.create(name, spec);
        const HostConfig = { ...(spec.body.HostConfig as object), Binds: [] };
        const id = await engine.create(name, { ...spec, body: { ...spec.body, HostConfig } });
        await end(scene);
        return id;
      },
    }));
    const { run, started } = await upgraded(lossy);
    expect(run.rollback?.why).toContain('would not have the old one');
    expect(started.filter((target) => target.startsWith('new '))).toEqual([]);
    expect([run.phase, await running(scene)]).toMatchObject(['rolled-back', OLD]);
  });
});

test('a tag that is moved right before the create of a migration never gets at the database', async () => {
  const scene = await cloud(true);
  const late = tampered(scene, (engine) => ({
    create: async (name, spec) => {
      if (name.startsWith('bootstrap_cinder')) await moveTag(scene);
      return engine.create(name, spec);
    },
  }));
  const { run, created, started } = await upgraded(late);
  expect(run.rollback?.why ?? run.why).toMatch(/another (build|image) than the approved one/);
  expect(created.map((name) => name.split('__')[0])).toEqual(['bootstrap_cinder_expand']);
  expect(started).toEqual([]);
  expect(await running(scene)).toMatchObject(OLD);
});

test('an image that was exchanged under its tag on the host after the plan voids the run', async () => {
  const scene = await cloud(true);
  const { app } = await bornOver(scene, memoryJournal());
  const { id } = await app.upgrade(
    { id: 'U0ANN', name: 'Ann', door: 'slack' },
    {
      service: 'cinder',
      to: '2025.2',
      overrides: {},
    },
  );
  await moveTag(scene);
  await app.approve({ id: 'U0BOB', name: 'Bob', door: 'slack' }, id);
  const run = await app.settled(id);
  expect(run.phase).toBe('voided');
  expect(await running(scene)).toMatchObject(OLD);
});
