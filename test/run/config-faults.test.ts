import { afterAll, describe, expect, test } from 'vitest';
import { unitOf } from '../../src/engine/units.js';
import type { Journal } from '../../src/run/journal.js';
import type { Run } from '../../src/run/run.js';
import { virtualClock } from '../../src/sim/clock.js';
import { FAULTS } from '../../src/sim/faults.js';
import { type Watch, watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { configuredCloud, filesOn, removeRendered } from './configured.js';
import { answer, doPart, from, mortal, once, onlyRun, orDeath, type Part } from './mishaps.js';
import { ANN, bornOver, type Life, running, upgradeTo } from './scene.js';

afterAll(removeRendered);

/** The engine alone, systemd through its units, and units that cannot be reached: the order of things differs. */
const KINDS = ['engine', 'unit', 'rename-first'] as const;
type Kind = (typeof KINDS)[number];

type World = {
  readonly scene: KollaScene;
  readonly kept: Journal;
  readonly watch: Watch;
  readonly life: Life;
  /** Files of the host before the run. */
  readonly files: Record<string, string>;
};

const before = async (kind: Kind, part: Part, unitsMayFail = false): Promise<World> => {
  const clock = virtualClock();
  const { scene: made } = await configuredCloud({
    services: ['cinder'],
    ...(kind === 'engine' ? {} : { systemd: { stopSeconds: 600 } }),
    clock,
    delays: { call: 5, start: 300, stop: 2_000, hang: 30_000 },
    config: { health: { interval: '1s', successes: 2, minimum: '0s', deadline: '60s' } },
  });
  await leaveOnly(made, 'cinder_api');
  const scene: KollaScene = kind === 'rename-first' ? { ...made, units: () => new Map() } : made;
  const kept = memoryJournal({ clock: clock.now });
  const watch = watchInvariants(scene.cloud, {
    mayRemove: ({ name }) => name.includes('__prev_'),
    unitsMayFail,
  });
  const files = filesOn(scene);
  const life = await bornOver(scene, mortal(kept, scene));
  if (part !== 'forward') await upgradeTo(life.app, '2025.2');
  return { scene, kept, watch, life, files };
};

/** Every further container makes each list of faults longer, and shows nothing new. */
const leaveOnly = async ({ cloud, containers }: KollaScene, kept: string): Promise<void> => {
  for (const { name } of containers.filter((entry) => entry.name !== kept)) {
    const unit = unitOf(name);
    if (cloud.unitFiles('node1').has(unit)) await cloud.operatorUnits('node1').stop(unit);
    cloud.unitFiles('node1').delete(unit);
    await cloud.operator('node1').stop(name, 10);
    await cloud.operator('node1').remove(name);
  }
};

const eventsIn = async (kept: Journal): Promise<number> =>
  (await Promise.all(Object.keys(kept.state().runs).map((id) => kept.eventsOf(id)))).flat().length;

const countIn = async (kind: Kind, part: Part) => {
  const { scene, kept, life } = await before(kind, part);
  const [calls, events] = [scene.cloud.calls.length, await eventsIn(kept)];
  await doPart(life, kept, part);
  return { calls: scene.cloud.calls.length - calls, events: (await eventsIn(kept)) - events };
};

/** As a person would: resumes or finalizes again whatever was left, in a new life where the old one ended. */
const carryOn = async ({ scene, kept, life: old }: World, part: Part): Promise<Run> => {
  const died = scene.cloud.crashed;
  if (died) scene.cloud.nextLife();
  scene.cloud.inject();
  const life = died ? await bornOver(scene, kept) : old;
  const { id } = onlyRun(kept);
  const run = await answer(life, id, part === 'back' ? 'rollback' : 'resume');
  if (run.phase !== 'finalize-failed') return run;
  await life.app.finalize(ANN, id);
  return life.app.settled(id);
};

/** The version, its configuration, and no helper container without a purpose. */
const expectEnd = async (here: World, run: Run, expected: readonly Run['phase'][]): Promise<void> => {
  const { scene, watch, files } = here;
  expect([run.phase, run.phase === 'stuck' ? run.why : undefined]).toEqual([
    expect.toSatisfy((phase: Run['phase']) => expected.includes(phase)),
    undefined,
  ]);
  const isNew = run.phase === 'upgraded' || run.phase === 'finalized';
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  expect(await running(scene)).toEqual({ cinder_api: isNew ? '2025.2' : '2025.1' });
  const now = filesOn(scene);
  if (isNew) expect(now['/etc/kolla/cinder-api/config.json']).toContain('--release 2025.2');
  else expect(now).toMatchObject(files);
  const all = await scene.cloud.operator('node1').list();
  const helpers = all.filter(({ name }) => name.includes('__conf_')).length;
  expect(helpers - run.notes.length).toBeLessThanOrEqual(run.phase === 'upgraded' ? 1 : 0);
  if (run.phase === 'upgraded') expect(helpers).toBe(1);
};

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
const calls = counted.flatMap(({ kind, part, calls: count }) =>
  from(count).map((nth) => ({ kind, part, nth })),
);
const events = counted.flatMap(({ kind, part, events: count }) =>
  from(count).map((nth) => ({ kind, part, nth })),
);

test('every part makes as many calls as these tests fail one by one', () => {
  for (const { kind, part, calls: count } of counted)
    expect([kind, part, count > { forward: 10, back: 5, finalize: 1 }[part]]).toEqual([kind, part, true]);
});

describe('an exchange of configuration in which a call goes wrong', () => {
  test.each(calls)('$part, $kind: call $nth', async ({ kind, part, nth }) => {
    for (const fault of FAULTS) {
      const here = await before(kind, part, fault === 'refuse');
      here.scene.cloud.inject(once(nth, fault));
      await orDeath(doPart(here.life, here.kept, part));
      const rideOut = part === 'forward' && fault !== 'refuse';
      await expectEnd(here, await carryOn(here, part), rideOut ? ['upgraded'] : ENDS[part]);
    }
  });

  test.each(calls.filter(({ part }) => part === 'forward'))(
    'rolled back after a death, $kind: call $nth',
    async ({ kind, nth }) => {
      for (const fault of ['crash-before', 'crash-after'] as const) {
        const here = await before(kind, 'forward');
        here.scene.cloud.inject(once(nth, fault));
        await orDeath(doPart(here.life, here.kept, 'forward'));
        await expectEnd(here, await carryOn(here, 'back'), ['rolled-back']);
      }
    },
  );

  test.each(calls)('$part, $kind: the host reboots around call $nth', async ({ kind, part, nth }) => {
    for (const fault of ['ok', 'hang', 'crash-before'] as const) {
      const here = await before(kind, part, true);
      const { cloud } = here.scene;
      cloud.inject((site) => {
        if (!site.mutating || site.nthMutating !== nth) return 'ok';
        cloud.powerCut('node1');
        return fault;
      });
      await orDeath(doPart(here.life, here.kept, part));
      const run = await carryOn(here, part);
      await expectEnd(here, run, ENDS[part]);
    }
  });
});

describe('an exchange of configuration whose journal ends with the process', () => {
  // The first two events are the request and the approval: before these there is no run to take up.
  test.each(events.filter(({ part, nth }) => part !== 'forward' || nth > 2))(
    '$part, $kind: event $nth',
    async ({ kind, part, nth }) => {
      for (const when of ['before', 'after'] as const) {
        const here = await before(kind, part);
        const dying = await bornOver(here.scene, mortal(here.kept, here.scene, { nth, when }));
        await orDeath(doPart(dying, here.kept, part));
        const undecided = part === 'forward' || onlyRun(here.kept).phase === 'upgraded';
        await expectEnd(here, await carryOn(here, part), undecided ? ['upgraded', 'voided'] : ENDS[part]);
      }
    },
  );
});
