import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/sim/faults.js';
import { ANN, BOB, bornOver, freshScene, running, upgradeTo } from './scene.js';

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

test('a roll back that is asked for while the policy decides the same is told that it is under way', async () => {
  const { scene, journal } = await freshScene({
    releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' }],
  });
  const answers: Promise<unknown>[] = [];
  let decided = (): void => undefined;
  const byPolicy = new Promise<void>((resolve) => {
    decided = resolve;
  });
  const { app } = await bornOver(scene, {
    ...journal,
    append: async (run, event) => {
      if (event.kind === 'rollback' && event.by.door === 'slack') await byPolicy;
      // Bob passes every look before the policy's word is in the journal.
      if (event.kind === 'rollback' && event.by.door === 'bot') {
        answers.push(app.rollback(BOB, run).catch((error: unknown) => error));
        await scene.cloud.clock.sleep(1_000);
      }
      await journal.append(run, event);
      if (event.kind === 'rollback' && event.by.door === 'bot') decided();
    },
  });
  const run = await upgradeTo(app, '2025.2');
  expect([run.phase, run.rollback?.by.name]).toEqual(['rolled-back', 'Stackswap']);
  expect(await Promise.all(answers)).toMatchObject([{ code: 'not-now' }]);
});
