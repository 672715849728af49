import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, freshScene, running, upgradeTo, withoutPorts } from './scene.js';

test('an upgrade swaps the containers of one service, keeps the old ones stopped, and leaves the others alone', async () => {
  const { scene, watch, life } = await freshScene();
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.why ?? run.asked?.why).toBeUndefined();
  expect(run.phase).toBe('upgraded');
  expect(await running(scene)).toEqual({
    cinder_scheduler: '2025.2',
    cinder_volume: '2025.2',
    cinder_api: '2025.2',
    placement_api: '2025.1',
  });
  expect(run.bystanders?.changed).toEqual([]);
  expect(run.compared.map(({ name, differences }) => [name, differences])).toEqual([
    ['cinder_scheduler', []],
    ['cinder_volume', []],
    ['cinder_api', []],
  ]);
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
});

test('one click brings the kept containers back, holds the service, and removes only what the run created', async () => {
  const { scene, watch, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  await life.app.rollback(ANN, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('rolled-back');
  expect(await running(scene)).toEqual({
    cinder_scheduler: '2025.1',
    cinder_volume: '2025.1',
    cinder_api: '2025.1',
    placement_api: '2025.1',
  });
  expect(run.compared.flatMap(({ differences }) => differences)).toEqual([]);
  expect(life.journal.state().holds.cinder?.reason).toBe(`Run ${id} was rolled back: asked for by Ann`);
  expect(
    (await scene.cloud.operator('node1').list())
      .map(({ name }) => name)
      .filter((name) => name.includes('__')),
  ).toEqual([]);
  await expect(
    life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} }),
  ).rejects.toMatchObject({ code: 'on-hold' });
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
});

test('finalize needs the quorum, restarts what holds an RPC pin, migrates online and removes the kept containers', async () => {
  const { scene, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  await expect(life.app.finalize(ANN, id)).rejects.toMatchObject({ code: 'own-request' });
  await life.app.finalize(BOB, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('finalized');
  expect(run.finalize.every((step) => step.status === 'done')).toBe(true);
  expect(
    (await scene.cloud.operator('node1').list())
      .map(({ name }) => name)
      .filter((name) => name.includes('__')),
  ).toEqual([]);
  await expect(life.app.rollback(ANN, id)).rejects.toMatchObject({ code: 'not-now' });
});

test('a release that never becomes healthy rolls itself back and the service is held', async () => {
  const { scene, watch, life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' }],
  });
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect(run.rollback?.by.name).toBe('Stackswap');
  expect((await running(scene)).cinder_scheduler).toBe('2025.1');
  expect(life.journal.state().holds.cinder).toBeDefined();
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
});

test('a release that cannot start rolls itself back', async () => {
  const { scene, watch, life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'cannot-start' }],
  });
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect((await running(scene)).cinder_scheduler).toBe('2025.1');
  expect(watch.violations).toEqual([]);
});

test('a release that flaps makes the run ask, and each answer is obeyed', async () => {
  const { scene, life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'flaps' }],
    config: { health: { interval: '1ms', successes: 3, minimum: '0ms', deadline: '400ms' } },
  });
  const asked = await upgradeTo(life.app, '2025.2');
  expect(asked.phase).toBe('paused');
  expect(asked.asked?.choices).toEqual(['resume', 'rollback']);
  await life.app.rollback(BOB, asked.id);
  expect((await life.app.settled(asked.id)).phase).toBe('rolled-back');
  expect((await running(scene)).cinder_scheduler).toBe('2025.1');
});

test('a failed migration leaves the old containers serving', async () => {
  const { scene, watch, life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'migration-fails' }],
  });
  const run = await upgradeTo(life.app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  expect(Object.values(await running(scene))).not.toContain('2025.2');
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
});

test('past a class D schema change there is no automatic and no one-click way back, only the typed word', async () => {
  const { scene, life } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' }],
  });
  await expect(
    life.app.upgrade(ANN, { service: 'placement', to: '2025.2', overrides: {} }),
  ).rejects.toMatchObject({ code: 'plan-blocked' });
  const run = await upgradeTo(life.app, '2025.2', 'placement', { backup: 'dump of 12:00 on db1' });
  expect(run.phase).toBe('paused');
  expect(run.asked?.choices).toEqual(['resume']);
  await expect(life.app.rollback(ANN, run.id)).rejects.toMatchObject({ code: 'no-backup-word' });
  await life.app.rollback(ANN, run.id, 'dump of 12:00, by the DBA');
  expect((await life.app.settled(run.id)).phase).toBe('rolled-back');
  expect((await running(scene)).placement_api).toBe('2025.1');
});

test('what moved between approval and start voids the run with nothing changed', async () => {
  const { scene, life } = await freshScene();
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  const engine = scene.cloud.operator('node1');
  await engine.setRestartPolicy((await engine.inspect('cinder_volume'))?.Id ?? '', {
    Name: 'always',
    MaximumRetryCount: 0,
  });
  await life.app.approve(BOB, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('voided');
  expect((await running(scene)).cinder_api).toBe('2025.1');
});

test('a container of another service that fails meanwhile pauses the run and asks', async () => {
  const { scene, life } = await freshScene();
  const engine = scene.cloud.operator('node1');
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  const stop = life.app.subscribe(() => {
    if (life.app.run(id).steps[0]?.status !== 'started') return;
    stop();
    void engine.inspect('placement_api').then((one) => engine.stop(one?.Id ?? '', 1));
  });
  await life.app.approve(BOB, id);
  const run = await life.app.settled(id);
  expect(run.phase).toBe('paused');
  expect(run.asked?.why).toBe('While cinder was upgraded, this failed: placement_api on node1.');
  await life.app.resume(BOB, id);
  expect((await life.app.settled(id)).phase).toBe('upgraded');
});

test('a kept container does not come back when the daemon restarts', async () => {
  const { scene, life } = await freshScene({ restartPolicy: 'always' });
  const run = await upgradeTo(life.app, '2025.2');
  await scene.cloud.daemonRestart('node1');
  expect(new Set(Object.keys(await running(scene)))).toEqual(
    new Set(['cinder_api', 'cinder_scheduler', 'cinder_volume', 'placement_api']),
  );
  expect((await running(scene)).cinder_api).toBe('2025.2');
  await life.app.rollback(ANN, run.id);
  expect((await life.app.settled(run.id)).phase).toBe('rolled-back');
});

test('a roll back is refused before anything is stopped when a kept container is gone, and what was kept of it, too', async () => {
  const { scene, life, blobs } = await freshScene();
  const run = await upgradeTo(life.app, '2025.2');
  const engine = scene.cloud.operator('node1');
  const kept = (await engine.list()).find(({ name }) => name.startsWith('cinder_api__prev_'));
  await engine.remove(kept?.id ?? '');
  await blobs.sweep(new Set());
  await expect(life.app.rollback(ANN, run.id)).rejects.toMatchObject({ code: 'cannot-roll-back' });
  expect((await running(scene)).cinder_api).toBe('2025.2');
});

test('two services are upgraded at once, and neither run takes the other for a broken bystander', async () => {
  const { scene, life } = await freshScene({ services: ['keystone', 'cinder'] });
  const ids = await Promise.all(
    ['keystone', 'cinder'].map((service) => life.app.upgrade(ANN, { service, to: '2025.2', overrides: {} })),
  );
  await Promise.all(ids.map(({ id }) => life.app.approve(BOB, id)));
  const runs = await Promise.all(ids.map(({ id }) => life.app.settled(id)));
  expect(runs.map(({ phase, asked }) => [phase, asked?.why])).toEqual([
    ['upgraded', undefined],
    ['upgraded', undefined],
  ]);
  expect(new Set(Object.values(await running(scene)))).toEqual(new Set(['2025.2']));
});

test('the whole log of a migration is kept, redacted, below the state folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stackswap-logs-'));
  const scene = withoutPorts(await cinderCloud({ env: ['CINDER_DATABASE_PASSWORD=hunter2-canary'] }));
  const life = await bornOver(scene, memoryJournal(), { stateFolder: folder });
  const run = await upgradeTo(life.app, '2025.2');
  const file = run.steps.find((step) => step.logFile)?.logFile ?? '';
  expect(file).toMatch(/^logs\/bootstrap_cinder_expand__/);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, file), 'utf8')).not.toContain('hunter2-canary');
  await rm(folder, { recursive: true });
});
