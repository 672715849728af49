import { describe, expect, test } from 'vitest';
import type { Journal } from '../../src/run/journal.js';
import { type Watch, watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { answer, from, mortal, once, onlyRun, orDeath } from './mishaps.js';
import { BOB, bornOver, cinderCloud, running, upgradeTo, withoutPorts } from './scene.js';

type World = { readonly scene: KollaScene; readonly kept: Journal; readonly watch: Watch };

const world = async (): Promise<World> => {
  const scene = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      config: { health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' } },
    }),
  );
  return {
    scene,
    kept: memoryJournal(),
    watch: watchInvariants(scene.cloud, { mayRemove: ({ name }) => name.includes('__prev_') }),
  };
};

const tags = async (scene: KollaScene): Promise<string[]> => [
  ...new Set(Object.values(await running(scene))),
];

/** How many mutating calls or appends a part of a faultless run makes. */
const countIn = async (
  part: 'forward' | 'back' | 'finalize',
): Promise<{ calls: number; appends: number }> => {
  const { scene, kept } = await world();
  let appends = 0;
  const counting: Journal = {
    ...kept,
    append: (run, event) => {
      appends += 1;
      return kept.append(run, event);
    },
  };
  const life = await bornOver(scene, counting);
  if (part !== 'forward') await upgradeTo(life.app, '2025.2');
  const [callsBefore, appendsBefore] = [scene.cloud.calls.length, appends];
  if (part === 'forward') await upgradeTo(life.app, '2025.2');
  else await life.app[part === 'back' ? 'rollback' : 'finalize'](BOB, onlyRun(kept).id);
  await life.app.settled(onlyRun(kept).id);
  return { calls: scene.cloud.calls.length - callsBefore, appends: appends - appendsBefore };
};

const expectSound = async ({ scene, watch }: World, tag: string): Promise<void> => {
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  // The call that was refused may be the removal of what is not needed any more: that is noted, and fails nothing.
  const refused = scene.cloud.calls.find(({ call, fault }) => call === 'remove' && fault === 'refuse');
  if (!refused) expect(watch.leftovers()).toEqual([]);
  expect(await tags(scene)).toEqual([tag]);
};

const forward = await countIn('forward');
const back = await countIn('back');
const finalize = await countIn('finalize');

test('the parts of a run make as many calls as these tests fail one by one', () => {
  expect(forward.calls).toBeGreaterThan(20);
  expect(back.calls).toBeGreaterThan(15);
  expect(finalize.calls).toBeGreaterThan(6);
});

describe('a single engine call of an upgrade that goes wrong', () => {
  test.each(from(forward.calls))('call %i: a lost answer and a hang are ridden out', async (nth) => {
    for (const fault of ['lose-answer', 'hang'] as const) {
      const here = await world();
      const life = await bornOver(here.scene, here.kept);
      here.scene.cloud.inject(once(nth, fault));
      const run = await upgradeTo(life.app, '2025.2');
      expect([fault, run.phase, run.why]).toEqual([fault, 'upgraded', undefined]);
      await expectSound(here, '2025.2');
    }
  });

  test.each(from(forward.calls))('call %i: a refusal ends with the old version running', async (nth) => {
    const here = await world();
    const life = await bornOver(here.scene, here.kept);
    here.scene.cloud.inject(once(nth, 'refuse'));
    const run = await upgradeTo(life.app, '2025.2');
    // Tidying up is not part of the upgrade: what cannot be removed is noted.
    const tidying = here.scene.cloud.calls[nth - 1]?.call === 'remove';
    if (tidying) expect([run.phase, run.notes.length]).toEqual(['upgraded', 1]);
    else expect(['rolled-back', 'failed']).toContain(run.phase);
    expect(here.watch.violations).toEqual([]);
    if (tidying) expect(await tags(here.scene)).toEqual(['2025.2']);
    else await expectSound(here, '2025.1');
  });

  test.each(from(forward.calls))(
    'call %i: the process dies before or after it, and resume and roll back both end well',
    async (nth) => {
      for (const fault of ['crash-before', 'crash-after'] as const)
        for (const how of ['resume', 'rollback'] as const) {
          const here = await world();
          const dying = await bornOver(here.scene, mortal(here.kept, here.scene));
          here.scene.cloud.inject(once(nth, fault));
          await orDeath(upgradeTo(dying.app, '2025.2'));
          expect(here.scene.cloud.crashed).toBe(true);
          here.scene.cloud.nextLife();
          here.scene.cloud.inject();
          const run = await answer(await bornOver(here.scene, here.kept), onlyRun(here.kept).id, how);
          expect([fault, how, run.phase, run.why]).toEqual([
            fault,
            how,
            how === 'resume' ? 'upgraded' : 'rolled-back',
            undefined,
          ]);
          await expectSound(here, how === 'resume' ? '2025.2' : '2025.1');
        }
    },
  );
});

describe('the journal of an upgrade ends with the process', () => {
  // The first two appends are the request and the approval: before these there is no run to take up.
  test.each(from(forward.appends).slice(2))('append %i', async (nth) => {
    for (const when of ['before', 'after'] as const) {
      const here = await world();
      const dying = await bornOver(here.scene, mortal(here.kept, here.scene, { nth, when }));
      await orDeath(upgradeTo(dying.app, '2025.2'));
      here.scene.cloud.nextLife();
      const life = await bornOver(here.scene, here.kept);
      const run = await answer(life, onlyRun(here.kept).id, 'resume');
      expect(['upgraded', 'voided']).toContain(run.phase);
      await expectSound(here, run.phase === 'upgraded' ? '2025.2' : '2025.1');
    }
  });
});

describe('going back', () => {
  test.each(from(back.calls))('call %i: any fault, and the old version ends running', async (nth) => {
    for (const fault of ['lose-answer', 'hang', 'refuse', 'crash-before', 'crash-after'] as const) {
      const here = await world();
      let life = await bornOver(here.scene, mortal(here.kept, here.scene));
      const { id } = await upgradeTo(life.app, '2025.2');
      here.scene.cloud.inject(once(nth, fault));
      await orDeath(life.app.rollback(BOB, id).then(() => life.app.settled(id)));
      if (here.scene.cloud.crashed) {
        here.scene.cloud.nextLife();
        here.scene.cloud.inject();
        life = await bornOver(here.scene, here.kept);
      }
      const run = await answer(life, id, 'rollback');
      expect([fault, run.phase, run.phase === 'stuck' ? run.why : undefined]).toEqual([
        fault,
        'rolled-back',
        undefined,
      ]);
      await expectSound(here, '2025.1');
    }
  });
});

describe('finalize', () => {
  test.each(from(finalize.calls))('call %i: any fault, and a later try ends it', async (nth) => {
    for (const fault of ['lose-answer', 'hang', 'refuse', 'crash-before', 'crash-after'] as const) {
      const here = await world();
      let life = await bornOver(here.scene, mortal(here.kept, here.scene));
      const { id } = await upgradeTo(life.app, '2025.2');
      here.scene.cloud.inject(once(nth, fault));
      await orDeath(life.app.finalize(BOB, id).then(() => life.app.settled(id)));
      if (here.scene.cloud.crashed) {
        here.scene.cloud.nextLife();
        here.scene.cloud.inject();
        life = await bornOver(here.scene, here.kept);
      }
      const failed = await answer(life, id, 'resume');
      if (failed.phase === 'finalize-failed') {
        expect(life.journal.state().holds.cinder?.run).toBe(id);
        await life.app.finalize(BOB, id);
      }
      const run = await life.app.settled(id);
      expect([fault, run.phase, life.journal.state().holds.cinder]).toEqual([fault, 'finalized', undefined]);
      await expectSound(here, '2025.2');
    }
  });
});
