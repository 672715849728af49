import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/run/run.js';
import { expectSound, KINDS, type Kind, mostStarts, ownedWorld } from './owned.js';
import { ANN, BOB, bornOver, type KollaOptions, upgradeTo } from './scene.js';

const world = async (kind: Kind, options: KollaOptions & { watch?: object } = {}) => {
  const made = await ownedWorld(kind, options);
  return { ...made, life: await bornOver(made.scene, made.kept) };
};

const why = (run: Run) => [run.phase, run.why ?? run.asked?.why];

describe.each(KINDS)('containers that systemd owns (%s)', (kind) => {
  test('are upgraded, and the units watch the new ones', async () => {
    const here = await world(kind, { services: ['cinder'] });
    const run = await upgradeTo(here.life.app, '2025.2');
    expect(why(run)).toEqual(['upgraded', undefined]);
    expect(run.notes).toEqual([]);
    expect(run.compared.flatMap(({ differences }) => differences)).toEqual([]);
    await expectSound(here, '2025.2');
    expect(mostStarts(here.scene)).toBeLessThanOrEqual(2);
  });

  test('are rolled back by one click', async () => {
    const here = await world(kind);
    const { id } = await upgradeTo(here.life.app, '2025.2');
    await here.life.app.rollback(ANN, id);
    const run = await here.life.app.settled(id);
    expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
    await expectSound(here, '2025.1');
    expect(mostStarts(here.scene)).toBeLessThanOrEqual(3);
  });

  test('are finalized: restarted under their unit, the kept ones removed', async () => {
    const here = await world(kind);
    const { id } = await upgradeTo(here.life.app, '2025.2');
    await here.life.app.finalize(BOB, id);
    expect(why(await here.life.app.settled(id))).toEqual(['finalized', undefined]);
    await expectSound(here, '2025.2');
    expect(mostStarts(here.scene)).toBeLessThanOrEqual(3);
  });

  test.each(['never-healthy', 'exits', 'cannot-start'] as const)(
    'come back by themselves from a release whose API is %s',
    async (broken) => {
      const here = await world(kind, {
        releases: [{ id: '2025.1' }, { id: '2025.2', kind: broken, readyAfterMs: 1_500 }],
        watch: { unitsMayFail: true },
      });
      const run = await upgradeTo(here.life.app, '2025.2');
      expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
      await expectSound(here, '2025.1');
      expect(mostStarts(here.scene)).toBeLessThanOrEqual(3);
    },
  );

  test('stay up after a reboot, whichever version serves', async () => {
    const here = await world(kind);
    const { id } = await upgradeTo(here.life.app, '2025.2');
    here.scene.cloud.powerCut('node1');
    await expectSound(here, '2025.2');
    await here.life.app.rollback(ANN, id);
    expect((await here.life.app.settled(id)).phase).toBe('rolled-back');
    here.scene.cloud.powerCut('node1');
    await expectSound(here, '2025.1');
  });
});

const callsOfSwap = async (kind: Kind): Promise<string[]> => {
  const here = await world(kind);
  const { id } = await upgradeTo(here.life.app, '2025.2');
  const all = here.scene.cloud.calls.map(({ call, name, target, detail }) =>
    `${call} ${name ?? target}${call === 'rename' ? ` to ${detail ?? '?'}` : ''}`.replaceAll(id, 'RUN'),
  );
  return all.slice(all.findIndex((one) => one.startsWith('create cinder_api__swap')) + 1);
};

test('a unit with enough time is stopped itself; nothing bears the name until the old one is dead', async () => {
  expect(await callsOfSwap('unit, long stop')).toEqual([
    'unit clear cinder_api',
    'unit stop cinder_api',
    'rename cinder_api to cinder_api__prev_RUN',
    'rename cinder_api__swap_RUN to cinder_api',
    'unit start cinder_api',
  ]);
});

test('with Kolla’s 60 s the engine ends an API that may need 80 s, and the unit is stopped before it starts it again', async () => {
  expect((await callsOfSwap('unit, short stop')).slice(0, 3)).toEqual([
    'unit clear cinder_api',
    'stop cinder_api',
    'unit stop cinder_api',
  ]);
});

test('past a unit the name is given away first, and nobody but the unit starts anything', async () => {
  expect(await callsOfSwap('rename-first')).toEqual([
    'rename cinder_api to cinder_api__prev_RUN',
    'rename cinder_api__swap_RUN to cinder_api',
    'stop cinder_api__prev_RUN',
  ]);
});

/** A person stopped the unit and started the container past it, after the upgrade. */
const startedPastItsUnit = async () => {
  const here = await world('unit, long stop', { watch: { unitsMayFail: true } });
  const { id } = await upgradeTo(here.life.app, '2025.2');
  const { cloud } = here.scene;
  await cloud.operatorUnits('node1').stop('kolla-cinder_api-container.service');
  const engine = cloud.operator('node1');
  await engine.start((await engine.inspect('cinder_api'))?.Id ?? '');
  const startedAt = async () => (await engine.inspect('cinder_api'))?.State.StartedAt;
  return { here, id, startedAt };
};

test('Finalize restarts a container that somebody started past its unit, and the unit watches it again', async () => {
  const { here, id, startedAt } = await startedPastItsUnit();
  const before = await startedAt();
  await here.life.app.finalize(BOB, id);
  expect(why(await here.life.app.settled(id))).toEqual(['finalized', undefined]);
  expect(await startedAt()).not.toBe(before);
  await expectSound(here, '2025.2');
});

test('a container that somebody started past its unit is rolled back all the same', async () => {
  const { here, id } = await startedPastItsUnit();
  await here.life.app.rollback(ANN, id);
  expect(why(await here.life.app.settled(id))).toEqual(['rolled-back', undefined]);
  await expectSound(here, '2025.1');
});

test('an old one that somebody started under its kept name is rolled back to while the new one does not run', async () => {
  const here = await world('unit, long stop', { watch: { unitsMayFail: true } });
  const { scene, kept } = here;
  const policy = { ...scene.config.policy, on_failure: 'ask' as const };
  const { app } = await bornOver({ ...scene, config: { ...scene.config, policy } }, kept);
  scene.cloud.inject(({ call }) => (call === 'unit start' ? 'refuse' : 'ok'));
  const { id } = await upgradeTo(app, '2025.2');
  expect(app.run(id).phase).toBe('paused');
  scene.cloud.inject(() => 'ok');
  const engine = scene.cloud.operator('node1');
  await engine.start((await engine.inspect(`cinder_api__prev_${id}`))?.Id ?? '');
  await app.rollback(BOB, id);
  expect(why(await app.settled(id))[0]).toBe('rolled-back');
  await expectSound(here, '2025.1');
});

test('a broken release that people are asked about is not started again and again by its unit', async () => {
  const here = await world('unit, short stop', {
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'exits', readyAfterMs: 1_500 }],
  });
  const { scene, kept } = here;
  const policy = { ...scene.config.policy, on_failure: 'ask' as const };
  const { app } = await bornOver({ ...scene, config: { ...scene.config, policy } }, kept);
  const { id } = await upgradeTo(app, '2025.2');
  expect(app.run(id).phase).toBe('paused');
  await scene.cloud.clock.sleep(600_000);
  await app.rollback(BOB, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
  await expectSound(here, '2025.1');
});

test('a unit out of reach that gave up is said to people, and the engine starts the container', async () => {
  const here = await world('rename-first');
  const unit = here.scene.cloud.unitFiles('node1').get('kolla-cinder_api-container.service');
  if (unit) unit.state = 'failed';
  const run = await upgradeTo(here.life.app, '2025.2');
  expect(run.phase).toBe('upgraded');
  expect(run.notes.map(({ text }) => text).join()).toContain(
    'systemctl reset-failed kolla-cinder_api-container.service; systemctl start kolla-cinder_api-container.service',
  );
});

test('going back without the units that the plan counted on stops nothing, says what to do, and ends once they are back', async () => {
  const here = await world('unit, short stop');
  const { id } = await upgradeTo(here.life.app, '2025.2');
  const without = await bornOver({ ...here.scene, units: () => new Map() }, here.kept);
  await without.app.rollback(ANN, id);
  const stuck = await without.app.settled(id);
  expect(stuck.phase).toBe('stuck');
  expect(stuck.why).toContain('Put the host’s ssh settings back, start Stackswap again, and resume.');
  await expectSound(here, '2025.2');
  const { app } = await bornOver(here.scene, here.kept);
  await app.resume(BOB, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
  await expectSound(here, '2025.1');
});
