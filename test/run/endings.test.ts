import { expect, test } from 'vitest';
import { EngineError } from '../../src/engine/port.js';
import { foldStep } from '../../src/run/fold-step.js';
import { movedOneWay } from '../../src/run/going-back.js';
import type { Journal } from '../../src/run/journal.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, freshScene, running, upgradeTo, withoutPorts } from './scene.js';

const kept = async (scene: Awaited<ReturnType<typeof freshScene>>['scene'], name: string) =>
  (await scene.cloud.operator('node1').list()).find((one) => one.name.startsWith(`${name}__prev_`))?.id ?? '';

test('a stuck run is closed as it is by cancel, the hold stays, and the service can be planned again after unhold', async () => {
  const { scene, life, blobs } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  await life.app.rollback(ANN, id).then(async () => {
    const engine = scene.cloud.operator('node1');
    await engine.remove(await kept(scene, 'cinder_scheduler'));
    await blobs.sweep(new Set());
  });
  expect((await life.app.settled(id)).phase).toBe('stuck');
  await life.app.cancel(BOB, id);
  expect(life.app.run(id).phase).toBe('abandoned');
  expect(life.journal.state().holds.cinder?.run).toBe(id);
  await life.app.unhold(ANN, 'cinder');
  const again = await life.app.plan(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  expect(again.findings.map(({ code }) => code)).not.toContain('run-open');
});

test('a host that does not answer does not keep the others from going back', async () => {
  const { scene, life } = await freshScene({ hosts: 2 });
  const { id } = await upgradeTo(life.app, '2025.2');
  scene.cloud.host('node2').unreachable = true;
  await life.app.rollback(ANN, id);
  expect((await life.app.settled(id)).phase).toBe('stuck');
  expect((await running(scene)).cinder_api).toBe('2025.1');
  scene.cloud.host('node2').unreachable = false;
  await life.app.resume(BOB, id);
  expect((await life.app.settled(id)).phase).toBe('rolled-back');
  expect((await running(scene, 'node2')).cinder_api).toBe('2025.1');
});

test('a hold of a person is not replaced by the bot’s own', async () => {
  const { life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  await life.app.hold(ANN, 'cinder', 'audit');
  await life.app.rollback(BOB, id);
  await life.app.settled(id);
  expect(life.journal.state().holds.cinder?.reason).toBe('audit');
});

test('an approval of somebody who is no approver any more does not start a run', async () => {
  const scene = withoutPorts(await cinderCloud({ config: { policy: { approvals: 2 } } }));
  const journal = memoryJournal();
  const before = await bornOver(scene, journal);
  const { id } = await before.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await before.app.approve(BOB, id);
  const people = [
    ...scene.config.people.filter((person) => person.name !== 'Bob'),
    { name: 'Dee', slack: 'U0DEE', roles: ['approver' as const] },
  ];
  const after = await bornOver({ ...scene, config: { ...scene.config, people } }, journal);
  await after.app.approve({ id: 'U0DEE', name: 'Dee', door: 'slack' }, id);
  const run = await after.app.settled(id);
  expect([run.phase, run.why]).toEqual(['voided', '1 of 2 approvals still count']);
});

test('a tag that was moved before Finalize runs no migration of the other build', async () => {
  const { scene, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  scene.rebuild('2025.2', 'b2');
  await scene.cloud.operator('node1').pull(scene.ref('cinder_api', '2025.2'));
  await life.app.finalize(BOB, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('finalize-failed');
  expect(run.why).toContain('is another build than cinder_api runs: the tag was moved');
  expect(await kept(scene, 'cinder_api')).not.toBe('');
});

test('a copy that lost a part of the configuration is found before anything is stopped', async () => {
  const scene = withoutPorts(await cinderCloud());
  const lossy = new Map(
    [...scene.engines()].map(([name, engine]) => [
      name,
      {
        ...engine,
        create: (wanted: string, spec: Parameters<typeof engine.create>[1]) =>
          engine.create(wanted, {
            ...spec,
            body: { ...spec.body, HostConfig: { ...(spec.body.HostConfig as object), Binds: [] } },
          }),
      },
    ]),
  );
  const life = await bornOver({ ...scene, engines: () => lossy }, memoryJournal());
  const calls = scene.cloud.calls.length;
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect(run.rollback?.why).toContain('Nothing was stopped');
  expect(scene.cloud.calls.slice(calls).map(({ call }) => call)).not.toContain('stop');
});

test('an engine that answers the start with 500 is not asked again: the old version comes back at once', async () => {
  const scene = withoutPorts(await cinderCloud());
  let starts = 0;
  const old = new Set((await scene.cloud.operator('node1').list()).map(({ id }) => id));
  const refusing = new Map(
    [...scene.engines()].map(([name, engine]) => [
      name,
      {
        ...engine,
        start: async (id: string) => {
          const started = await engine.inspect(id);
          if (old.has(id) || !started?.Name.endsWith('cinder_scheduler')) return engine.start(id);
          starts += 1;
          throw new EngineError(name, 'start', 'unable to find user nobody42', true, 500);
        },
      },
    ]),
  );
  const life = await bornOver({ ...scene, engines: () => refusing }, memoryJournal());
  const run = await upgradeTo(life.app, '2025.2');
  expect([run.phase, starts]).toEqual(['rolled-back', 1]);
  expect((await running(scene)).cinder_scheduler).toBe('2025.1');
});

test('a paused run past a class D schema change can be closed as it is when resuming cannot work', async () => {
  const { life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' }],
  });
  const { id, phase } = await upgradeTo(life.app, '2025.2', 'placement', { backup: 'dump of 12:00 on db1' });
  expect(phase).toBe('paused');
  await life.app.cancel(BOB, id);
  expect(life.app.run(id).phase).toBe('abandoned');
  expect(life.journal.state().holds.placement?.reason).toMatch(/^Run r\w+ was closed as it was by Bob: /);
});

test('a retried class D migration leaves no one-click way back before its revision is read again', async () => {
  const { life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'migration-fails' }],
  });
  const run = await upgradeTo(life.app, '2025.2', 'placement', { backup: 'dump of 12:00 on db1' });
  const index = run.plan.steps.findIndex((step) => step.kind === 'migrate');
  const failed = {
    ...run,
    steps: run.steps.map((step, at) =>
      at === index
        ? { ...step, status: 'failed' as const, exitCode: 1, revisionBefore: 'a1', revisionAfter: 'b2' }
        : step,
    ),
  };
  const retried = foldStep(failed, { kind: 'step-started', part: 'steps', index }, '2026-01-01T00:00:00Z');
  expect(retried.steps[index]?.exitCode).toBeUndefined();
  expect(movedOneWay(retried)?.runs).toBe('placement-manage db sync');
});

test('a process that dies right after the create was journaled verifies the new container at resume', async () => {
  const scene = withoutPorts(await cinderCloud());
  const lossy = () =>
    new Map(
      [...scene.engines()].map(([name, engine]) => [
        name,
        {
          ...engine,
          create: (wanted: string, spec: Parameters<typeof engine.create>[1]) =>
            engine.create(
              wanted,
              wanted.includes('__swap_')
                ? {
                    ...spec,
                    body: { ...spec.body, HostConfig: { ...(spec.body.HostConfig as object), Binds: [] } },
                  }
                : spec,
            ),
        },
      ]),
    );
  const kept = memoryJournal();
  const dying: Journal = {
    ...kept,
    append: async (run, event) => {
      if (scene.cloud.crashed) scene.cloud.crash('with its journal');
      await kept.append(run, event);
      if (event.kind === 'created' && event.name.includes('__swap_')) scene.cloud.crash('after the create');
    },
  };
  const first = await bornOver({ ...scene, engines: lossy }, dying);
  await upgradeTo(first.app, '2025.2').catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'SimulatedCrash') throw error;
  });
  expect(scene.cloud.crashed).toBe(true);
  scene.cloud.nextLife();
  const second = await bornOver({ ...scene, engines: lossy }, kept);
  const [run] = Object.values(kept.state().runs);
  await second.app.resume(BOB, run?.id ?? '');
  const ended = await second.app.settled(run?.id ?? '');
  expect(ended.phase).toBe('rolled-back');
  expect(ended.rollback?.why).toContain('Nothing was stopped');
  expect(scene.cloud.calls.map(({ call }) => call)).not.toContain('stop');
});
