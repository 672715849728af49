import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/sim/faults.js';
import { ANN, BOB, freshScene, running } from './scene.js';

const OLD = { cinder_scheduler: '2025.1', cinder_volume: '2025.1', cinder_api: '2025.1' };

const isChange = ({ mutating, took }: CallRecord): boolean => mutating && took === 'effect';

/** An upgrade that a person cancels right after its change with that number took effect. */
const cancelledAfter = async (nth: number) => {
  const { scene, life, watch } = await freshScene();
  const { app } = life;
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  let changes = 0;
  let said: string | undefined;
  const stop = scene.cloud.onCall(async (record) => {
    if (!isChange(record)) return;
    changes += 1;
    if (changes === nth) said = (await app.cancel(ANN, id)).phase;
  });
  await app.approve(BOB, id);
  const run = await app.settled(id);
  stop();
  const events = (await app.eventsOf(id)).map(({ event }) => event.kind);
  const decided = events.indexOf('rollback');
  /** Steps that were begun although going back was decided. */
  const begun = decided < 0 ? [] : events.slice(decided).filter((kind) => kind === 'step-started');
  return { scene, run, changes, said, begun, watch };
};

describe('a run under way that a person cancels', () => {
  test('goes back at once, whichever change it has just made, and the old version serves', async () => {
    const { changes, run } = await cancelledAfter(0);
    expect([run.phase, changes > 20]).toEqual(['upgraded', true]);
    for (let nth = 1; nth <= changes; nth += 1) {
      const { scene, run: back, said, begun, watch } = await cancelledAfter(nth);
      expect([nth, said, back.phase, begun]).toEqual([nth, 'rolling-back', 'rolled-back', []]);
      expect(back.rollback).toMatchObject({ by: { name: 'Ann' }, why: 'cancelled by Ann' });
      expect(await running(scene)).toMatchObject(OLD);
      expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
      const left = (await scene.cloud.operator('node1').list()).map(({ name }) => name);
      expect(left.filter((name) => name.includes('__swap_') || name.includes('__prev_'))).toEqual([]);
    }
  });
});
