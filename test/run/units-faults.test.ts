import { describe, expect, test } from 'vitest';
import type { Journal } from '../../src/run/journal.js';
import type { Run } from '../../src/run/run.js';
import { FAULTS } from '../../src/sim/faults.js';
import { answer, doPart, from, mortal, once, onlyRun, orDeath, type Part } from './mishaps.js';
import { expectSound, KINDS, type Kind, mostStarts, type OwnedWorld, ownedWorld } from './owned.js';
import { ANN, bornOver, type Life, upgradeTo } from './scene.js';

/** A world in which everything before the part has been done, and the life that will do it. */
const before = async (kind: Kind, part: Part, watch = {}): Promise<OwnedWorld & { life: Life }> => {
  const here = await ownedWorld(kind, { watch });
  const life = await bornOver(here.scene, mortal(here.kept, here.scene));
  if (part !== 'forward') await upgradeTo(life.app, '2025.2');
  return { ...here, life };
};

const eventsIn = async (kept: Journal): Promise<number> => {
  const runs = Object.keys(kept.state().runs);
  return (await Promise.all(runs.map((id) => kept.eventsOf(id)))).flat().length;
};

const countIn = async (kind: Kind, part: Part) => {
  const { scene, kept, life } = await before(kind, part);
  const [calls, events] = [scene.cloud.calls.length, await eventsIn(kept)];
  await doPart(life, kept, part);
  return { calls: scene.cloud.calls.length - calls, events: (await eventsIn(kept)) - events };
};

/** The version that has to run at the end of a run in that phase. */
const TAGS: Readonly<Partial<Record<Run['phase'], string>>> = {
  upgraded: '2025.2',
  finalized: '2025.2',
  'rolled-back': '2025.1',
  failed: '2025.1',
  voided: '2025.1',
};

type Here = OwnedWorld & { life: Life };

/** As a person would: resumes or finalizes again whatever was left, in a new life where the old one ended. */
const carryOn = async (here: Here, part: Part): Promise<Run> => {
  const { scene, kept } = here;
  const died = scene.cloud.crashed;
  if (died) scene.cloud.nextLife();
  scene.cloud.inject();
  const life = died ? await bornOver(scene, kept) : here.life;
  const { id } = onlyRun(kept);
  const run = await answer(life, id, part === 'back' ? 'rollback' : 'resume');
  if (run.phase !== 'finalize-failed') return run;
  await life.app.finalize(ANN, id);
  return life.app.settled(id);
};

const expectEnd = async (here: Here, run: Run, expected: readonly Run['phase'][]): Promise<void> => {
  expect([run.phase, run.phase === 'stuck' ? run.why : undefined]).toEqual([
    expect.toSatisfy((phase: Run['phase']) => expected.includes(phase)),
    undefined,
  ]);
  await expectSound(here, TAGS[run.phase] ?? 'no version');
  expect(mostStarts(here.scene)).toBeLessThan(8);
};

/** Where a part may end when one thing went wrong in it. */
const ENDS: Readonly<Record<Part, readonly Run['phase'][]>> = {
  forward: ['upgraded', 'rolled-back', 'failed'],
  back: ['rolled-back'],
  finalize: ['finalized'],
};

const parts = KINDS.flatMap((kind) =>
  (['forward', 'back', 'finalize'] as const).map((part) => ({ kind, part })),
);
const counted = await Promise.all(
  parts.map(async ({ kind, part }) => ({ kind, part, ...(await countIn(kind, part)) })),
);
const callsOf = counted.flatMap(({ kind, part, calls }) => from(calls).map((nth) => ({ kind, part, nth })));
const eventsOf = counted.flatMap(({ kind, part, events }) =>
  from(events).map((nth) => ({ kind, part, nth })),
);

test('every part makes as many calls as these tests fail one by one', () => {
  for (const { kind, part, calls, events } of counted)
    expect([kind, part, calls > 3, events > 8]).toEqual([kind, part, true, true]);
});

describe('containers that systemd owns, and a call that goes wrong', () => {
  test.each(callsOf)('$part, $kind: call $nth', async ({ kind, part, nth }) => {
    for (const fault of FAULTS) {
      const here = await before(kind, part, { unitsMayFail: fault === 'refuse' });
      here.scene.cloud.inject(once(nth, fault));
      await orDeath(doPart(here.life, here.kept, part));
      const unknown = fault !== 'refuse';
      await expectEnd(
        here,
        await carryOn(here, part),
        part === 'forward' && unknown ? ['upgraded'] : ENDS[part],
      );
    }
  });

  test.each(callsOf.filter(({ part }) => part === 'forward'))(
    'rolled back after a death, $kind: call $nth',
    async ({ kind, nth }) => {
      for (const fault of ['crash-before', 'crash-after'] as const) {
        const here = await before(kind, 'forward');
        here.scene.cloud.inject(once(nth, fault));
        await orDeath(doPart(here.life, here.kept, 'forward'));
        here.stall(fault === 'crash-after' ? 20_000 : 0);
        await expectEnd(here, await carryOn(here, 'back'), ['rolled-back']);
      }
    },
  );

  test.each(callsOf)(
    '$part, $kind: the bot stands still for 20 s around call $nth',
    async ({ kind, part, nth }) => {
      for (const when of ['before', 'after'] as const) {
        const here = await before(kind, part);
        const { cloud } = here.scene;
        cloud.inject((site) => {
          if (when === 'before' && site.mutating && site.nthMutating === nth) here.stall(20_000);
          return 'ok';
        });
        cloud.onCall((record) => {
          if (when === 'after' && record.nthMutating === nth) here.stall(20_000);
        });
        await doPart(here.life, here.kept, part);
        await expectEnd(here, await carryOn(here, part), ENDS[part]);
      }
    },
  );

  test.each(callsOf)(
    '$part, $kind: the answer of call $nth is lost, then 20 s pass',
    async ({ kind, part, nth }) => {
      const here = await before(kind, part);
      here.scene.cloud.inject(({ mutating, nthMutating }) => {
        if (mutating && nthMutating === nth + 1) here.stall(20_000);
        return mutating && nthMutating === nth ? 'lose-answer' : 'ok';
      });
      await doPart(here.life, here.kept, part);
      await expectEnd(here, await carryOn(here, part), part === 'forward' ? ['upgraded'] : ENDS[part]);
    },
  );

  test.each(callsOf)('$part, $kind: the host reboots around call $nth', async ({ kind, part, nth }) => {
    for (const fault of ['ok', 'hang', 'lose-answer'] as const) {
      const here = await before(kind, part, { unitsMayFail: true });
      const { cloud } = here.scene;
      cloud.inject((site) => {
        if (!site.mutating || site.nthMutating !== nth) return 'ok';
        if (fault !== 'lose-answer') cloud.powerCut('node1');
        return fault;
      });
      cloud.onCall((record) => {
        if (fault === 'lose-answer' && record.nthMutating === nth) cloud.powerCut('node1');
      });
      await doPart(here.life, here.kept, part);
      await expectEnd(here, await carryOn(here, part), ENDS[part]);
    }
  });
});

describe('containers that systemd owns, and a journal that ends with the process', () => {
  // The first two events are the request and the approval: before these there is no run to take up.
  test.each(eventsOf.filter(({ part, nth }) => part !== 'forward' || nth > 2))(
    '$part, $kind: event $nth',
    async ({ kind, part, nth }) => {
      for (const when of ['before', 'after'] as const) {
        const here = await before(kind, part);
        const dying = await bornOver(here.scene, mortal(here.kept, here.scene, { nth, when }));
        await orDeath(doPart(dying, here.kept, part));
        // Where the decision itself was not written down, nothing was decided.
        const undecided = part === 'forward' || onlyRun(here.kept).phase === 'upgraded';
        await expectEnd(here, await carryOn(here, part), undecided ? ['upgraded', 'voided'] : ENDS[part]);
      }
    },
  );
});
