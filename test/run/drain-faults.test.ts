import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/event.js';
import { FAULTS } from '../../src/sim/faults.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import { atOrder, balancedScene, drainedNow, effectsOf, upgradeBuild } from './balanced.js';
import { answer, from, mortal, onlyRun, orDeath } from './mishaps.js';
import { BOB, bornOver, type Life } from './scene.js';

const world = async () => {
  const scene = await balancedScene();
  return { scene, kept: memoryJournal(), watch: watchInvariants(scene.cloud) };
};

type World = Awaited<ReturnType<typeof world>>;

const reborn = async ({ scene, kept }: World): Promise<Life> => {
  scene.cloud.nextLife();
  scene.cloud.inject();
  return bornOver(scene, kept);
};

const expectSound = async ({ scene, watch }: World): Promise<void> => {
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  expect(await drainedNow(scene)).toEqual([]);
};

const faultless = async () => {
  const { scene, kept } = await world();
  const appended: RunEvent[] = [];
  const life = await bornOver(scene, {
    ...kept,
    append: (run, event) => {
      appended.push(event);
      return kept.append(run, event);
    },
  });
  const { id } = await upgradeBuild(life);
  const forward = effectsOf(scene, ['exec']).length;
  await life.app.rollback(BOB, id);
  await life.app.settled(id);
  return { forward, back: effectsOf(scene, ['exec']).length - forward, appended };
};

const { forward, back, appended } = await faultless();

/** The numbers of the appends from the first order to the end of that step; the second host's are like them. */
const appendsOfOneHost = (): readonly number[] => {
  const first = appended.findIndex((event) => event.kind === 'call' && event.op === 'drain');
  const last = appended.findIndex((event, at) => at > first && event.kind === 'step-done');
  return from(appended.length).filter((nth) => nth > first && nth <= last + 2);
};

test('a run gives as many orders and journals as much as these tests fail one by one', () => {
  expect([forward, back]).toEqual([16, 16]);
  expect(appendsOfOneHost().length).toBeGreaterThan(25);
});

describe('an order that goes wrong on the way forward', () => {
  test.each(from(forward))('order %i: a lost answer and a hang are ridden out', async (nth) => {
    for (const fault of ['lose-answer', 'hang'] as const) {
      const here = await world();
      const life = await bornOver(here.scene, here.kept);
      here.scene.cloud.inject(atOrder(nth, fault));
      const run = await upgradeBuild(life);
      expect([fault, run.phase, run.notes]).toEqual([fault, 'upgraded', []]);
      await expectSound(here);
    }
  });

  test.each(from(forward))(
    'order %i: a refusal keeps the old one running, or is tried again when the server is put back',
    async (nth) => {
      const here = await world();
      const life = await bornOver(here.scene, here.kept);
      here.scene.cloud.inject(atOrder(nth, 'refuse'));
      const run = await upgradeBuild(life);
      // Of each host's eight orders the first four are drains.
      expect(run.phase).toBe((nth - 1) % 8 < 4 ? 'rolled-back' : 'upgraded');
      await expectSound(here);
    },
  );

  test.each(from(forward))(
    'order %i: the process dies before or after it, and no server is left drained from the next start on',
    async (nth) => {
      for (const fault of ['crash-before', 'crash-after'] as const)
        for (const how of ['resume', 'rollback'] as const) {
          const here = await world();
          const dying = await bornOver(here.scene, mortal(here.kept, here.scene));
          here.scene.cloud.inject(atOrder(nth, fault));
          await orDeath(upgradeBuild(dying));
          expect(here.scene.cloud.crashed).toBe(true);
          const life = await reborn(here);
          expect([fault, await drainedNow(here.scene)]).toEqual([fault, []]);
          const run = await answer(life, onlyRun(here.kept).id, how);
          expect([fault, how, run.phase]).toEqual([
            fault,
            how,
            how === 'resume' ? 'upgraded' : 'rolled-back',
          ]);
          await expectSound(here);
        }
    },
  );
});

describe('an order that goes wrong on the way back', () => {
  test.each(from(back))('order %i: any fault, and the old version ends with all its traffic', async (nth) => {
    for (const fault of FAULTS) {
      const here = await world();
      let life = await bornOver(here.scene, mortal(here.kept, here.scene));
      const { id } = await upgradeBuild(life);
      here.scene.cloud.inject(atOrder(nth, fault));
      await orDeath(life.app.rollback(BOB, id).then(() => life.app.settled(id)));
      if (here.scene.cloud.crashed) {
        life = await reborn(here);
        expect([fault, await drainedNow(here.scene)]).toEqual([fault, []]);
      }
      const run = await answer(life, id, 'rollback');
      expect([fault, run.phase]).toEqual([fault, 'rolled-back']);
      await expectSound(here);
    }
  });
});

describe('the journal ends with the process', () => {
  test.each(appendsOfOneHost())('append %i: no server is left drained', async (nth) => {
    for (const when of ['before', 'after'] as const) {
      const here = await world();
      const dying = await bornOver(here.scene, mortal(here.kept, here.scene, { nth, when }));
      await orDeath(upgradeBuild(dying));
      const life = await reborn(here);
      expect([when, await drainedNow(here.scene)]).toEqual([when, []]);
      const run = await answer(life, onlyRun(here.kept).id, 'resume');
      expect(['upgraded', 'voided']).toContain(run.phase);
      await expectSound(here);
    }
  });
});
