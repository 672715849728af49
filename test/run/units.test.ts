import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/run/run.js';
import { virtualClock } from '../../src/sim/clock.js';
import { type Watch, watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import {
  ANN,
  BOB,
  bornOver,
  cinderCloud,
  type KollaOptions,
  running,
  upgradeTo,
  withoutPorts,
} from './scene.js';

/** With access to the hosts' units, or past them. */
type Kind = 'unit' | 'rename-first';
const KINDS = ['unit', 'rename-first'] as const;

const world = async (kind: Kind, options: KollaOptions = {}) => {
  const made = withoutPorts(
    await cinderCloud({
      services: ['cinder', 'placement'],
      systemd: true,
      clock: virtualClock(),
      delays: { call: 5, start: 300, stop: 2_000, hang: 30_000 },
      config: { health: { interval: '1s', successes: 3, minimum: '5s', deadline: '60s' } },
      ...options,
    }),
  );
  const scene: KollaScene = kind === 'unit' ? made : { ...made, units: () => new Map() };
  const watch = watchInvariants(scene.cloud, { mayRemove: ({ name }) => name.includes('__prev_') });
  const journal = memoryJournal();
  return { scene, watch, journal, life: await bornOver(scene, journal) };
};

const expectSound = async ({ scene, watch }: { scene: KollaScene; watch: Watch }, tag: string) => {
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  const { placement_api: other, ...ours } = await running(scene);
  expect([new Set(Object.values(ours)), other]).toEqual([new Set([tag]), '2025.1']);
};

const why = (run: Run) => [run.phase, run.why ?? run.asked?.why];

/** Starts of each unit that count towards the limit. */
const mostStarts = (scene: KollaScene): number =>
  Math.max(...[...scene.cloud.unitFiles('node1').values()].map(({ starts }) => starts.length));

describe.each(KINDS)('containers that systemd owns (%s)', (kind) => {
  test('are upgraded, and the units watch the new ones', async () => {
    const here = await world(kind);
    expect(why(await upgradeTo(here.life.app, '2025.2'))).toEqual(['upgraded', undefined]);
    await expectSound(here, '2025.2');
    expect(mostStarts(here.scene)).toBeLessThanOrEqual(2);
  });

  test('are rolled back by one click', async () => {
    const here = await world(kind);
    const { id } = await upgradeTo(here.life.app, '2025.2');
    await here.life.app.rollback(ANN, id);
    expect(why(await here.life.app.settled(id))[0]).toBe('rolled-back');
    await expectSound(here, '2025.1');
    expect(mostStarts(here.scene)).toBeLessThanOrEqual(3);
  });

  test('are finalized: restarted through the unit, the kept ones removed', async () => {
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
      });
      const watch = watchInvariants(here.scene.cloud, { unitsMayFail: true });
      const run = await upgradeTo(here.life.app, '2025.2');
      expect(run.phase).toBe('rolled-back');
      await expectSound({ ...here, watch }, '2025.1');
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
