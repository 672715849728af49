import { describe, expect, test } from 'vitest';
import { renderText } from '../../src/render/text.js';
import type { Run } from '../../src/run/run.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { askView } from '../../src/views/ask.js';
import type { KollaScene } from '../sim/kolla.js';
import { ANN, BOB, type Life } from './scene.js';
import { rebuiltOnTwoHosts } from './two-hosts.js';

type World = { readonly scene: KollaScene; readonly life: Life };

/** A newer build of the same release, whose upgrade has no migration. */
const world = (): Promise<World> =>
  rebuiltOnTwoHosts({ interval: '1s', successes: 1, minimum: '0ms', deadline: '10s' });

const upgrade = async ({ app }: Life): Promise<Run> => {
  const { id } = await app.upgrade(ANN, { service: 'placement', overrides: {} });
  await app.approve(BOB, id);
  return app.settled(id);
};

/** Whether the container from before the run serves on a host. */
const isOld = async ({ scene, life }: World, id: string, host: string): Promise<boolean> => {
  const step = life.app.run(id).plan.steps.find((one) => one.kind === 'swap' && one.old.host === host);
  const bearer = await scene.cloud.operator(host).inspect('placement_api');
  return step?.kind === 'swap' && bearer?.Id === step.old.id && bearer.State.Running;
};

/** What `kolla-ansible deploy` does: its own container takes the place of the one that bears the name. */
const deploy = async (scene: KollaScene, host: string): Promise<string> => {
  const operator = scene.cloud.operator(host);
  const now = await operator.inspect('placement_api');
  if (!now) throw new Error('there is no placement_api');
  await operator.stop(now.Id, 1);
  await operator.remove(now.Id);
  const body = { ...now.Config, HostConfig: now.HostConfig };
  const id = await operator.create('placement_api', { body, connect: [] });
  await operator.start(id);
  return id;
};

/** Somebody deploys on node1 while node2 is swapped, so that at the end the run asks. */
const halted = async (): Promise<World & { readonly id: string; readonly theirs: string }> => {
  const here = await world();
  let theirs = '';
  here.scene.cloud.onCall(async ({ call, host, name }) => {
    if (theirs !== '' || host !== 'node2' || call !== 'start' || name !== 'placement_api') return;
    theirs = 'being made';
    theirs = await deploy(here.scene, 'node1');
  });
  const { id, phase } = await upgrade(here.life);
  expect(phase).toBe('paused');
  return { ...here, id, theirs };
};

const changes = ({ scene }: World): number => scene.cloud.calls.length;

describe('a run that waits for people after somebody else took one of its containers’ names', () => {
  test('is closed as it is by cancel where it can go back nowhere, with nothing touched, and leaves the service free for another upgrade', async () => {
    const here = await halted();
    await deploy(here.scene, 'node2');
    const { life, id } = here;
    const before = changes(here);
    expect(renderText(askView(life.app.run(id)))).toContain(`cancel ${id}`);
    await life.app.cancel(BOB, id);
    const run = await life.app.settled(id);
    expect(run.phase).toBe('abandoned');
    expect(run.notes.map(({ text }) => text).join()).toContain(
      'Nothing was put back, since that would fail: the name placement_api on node1 belongs to a container of somebody else',
    );
    expect(changes(here)).toBe(before);
    expect(life.journal.state().holds.placement?.reason).toContain('is a container of somebody else');
    await life.app.unhold(ANN, 'placement');
    here.scene.rebuild('2025.1', 'b3');
    const again = await upgrade(life);
    expect([again.id === id, again.phase]).toEqual([false, 'upgraded']);
  });

  test.each(['rollback', 'cancel'] as const)(
    'goes back on the other host at the word %s, and is then stuck with that one by name',
    async (word) => {
      const here = await halted();
      const { scene, life, id, theirs } = here;
      await life.app[word](ANN, id);
      const run = await life.app.settled(id);
      expect(run.phase).toBe('stuck');
      expect(run.why).toMatch(/^the name placement_api on node1 belongs to .*: nothing of it was touched$/);
      expect(await isOld(here, id, 'node2')).toBe(true);
      const bearer = await scene.cloud.operator('node1').inspect('placement_api');
      expect([bearer?.Id, bearer?.State.Running]).toEqual([theirs, true]);
      await life.app.cancel(ANN, id);
      expect(life.app.run(id).phase).toBe('abandoned');
    },
  );

  test('stays open where the hosts do not say anything: that may pass', async () => {
    const { scene, life, id } = await halted();
    for (const host of ['node1', 'node2']) scene.cloud.host(host).unreachable = true;
    await expect(life.app.cancel(ANN, id)).rejects.toMatchObject({
      code: 'cannot-roll-back',
      why: expect.stringContaining('node1 does not answer'),
    });
    expect(life.app.run(id).phase).toBe('paused');
  });
});

test('while the new version serves, a roll back that could not end well on every host is refused as a whole', async () => {
  const here = await world();
  const { id } = await upgrade(here.life);
  await deploy(here.scene, 'node1');
  const before = changes(here);
  await expect(here.life.app.rollback(ANN, id)).rejects.toMatchObject({ code: 'cannot-roll-back' });
  expect([here.life.app.run(id).phase, changes(here)]).toEqual(['upgraded', before]);
});

test('a failing upgrade that rolls itself back leaves alone only what somebody else took', async () => {
  const here = await world();
  const { scene, life } = here;
  let done = false;
  scene.cloud.onCall(async ({ call, host, name }) => {
    if (done || host !== 'node2' || call !== 'start' || name !== 'placement_api') return;
    done = true;
    await deploy(scene, 'node1');
    const fresh = await scene.cloud.operator('node2').inspect('placement_api');
    await scene.cloud.operator('node2').stop(fresh?.Id ?? '', 1);
  });
  const run = await upgrade(life);
  expect([run.phase, done]).toEqual(['stuck', true]);
  expect(run.why).toContain('on node1 belongs to a container of somebody else');
  expect(await isOld(here, run.id, 'node2')).toBe(true);
});

test('going back, the old version is not started again beside the new one that somebody started meanwhile', async () => {
  const { scene, life } = await world();
  const watch = watchInvariants(scene.cloud);
  const run = await upgrade(life);
  const operator = scene.cloud.operator('node2');
  const fresh = (await operator.inspect('placement_api'))?.Id ?? '';
  let met = false;
  scene.cloud.onCall(async ({ call, host, took }) => {
    if (met || call !== 'start' || host !== 'node2' || took !== 'effect') return;
    met = true;
    await operator.stop((await operator.inspect('placement_api'))?.Id ?? '', 1);
    await operator.start(fresh);
  });
  await life.app.rollback(ANN, run.id);
  const stuck = await life.app.settled(run.id);
  expect([met, stuck.phase]).toEqual([true, 'stuck']);
  expect(stuck.why).toContain('did not end, or was started again. The old one was not started.');
  expect(watch.violations).toEqual([]);
  const up = (await operator.list()).filter(
    ({ name, state }) => name.startsWith('placement') && state === 'running',
  );
  expect(up.map(({ id }) => id)).toEqual([fresh]);
});
