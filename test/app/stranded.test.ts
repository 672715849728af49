import { expect, test } from 'vitest';
import type { Journal } from '../../src/run/journal.js';
import { ANN, BOB, bornOver, freshScene, running } from '../run/scene.js';

const full = () => Promise.reject(new Error('The event was not journaled: no space left on device.'));

/** A bot whose journal takes nothing while `isFull`, and the tick of its clock. */
const withFullJournal = async () => {
  const { scene, journal } = await freshScene({ services: ['placement'] });
  let isFull = false;
  const filling: Journal = {
    ...journal,
    append: (run, event) => (isFull ? full() : journal.append(run, event)),
  };
  const ticks: (() => void)[] = [];
  const every = (_ms: number, act: () => void) => {
    ticks.push(act);
    return () => undefined;
  };
  const { app } = await bornOver(scene, filling, { every });
  return {
    scene,
    app,
    fill: (to: boolean) => {
      isFull = to;
    },
    /** What the clock brings about, to its end: a person's words come after it. */
    tick: async () => {
      for (const act of ticks) act();
      await app.hold(ANN, 'glance', 'behind the tick').catch(() => undefined);
    },
  };
};

test('a run whose interruption the journal did not take is called interrupted once it takes events again', async () => {
  const { scene, app, fill, tick } = await withFullJournal();
  const { id } = await app.upgrade(ANN, {
    service: 'placement',
    to: '2025.2',
    overrides: { backup: 'nightly' },
  });
  const noMore = scene.cloud.onCall(({ call }) => {
    if (call === 'create') fill(true);
  });
  await app.approve(BOB, id);
  expect((await app.settled(id)).phase).toBe('running');
  await tick();
  expect(app.run(id).phase).toBe('running');
  noMore();
  fill(false);
  await tick();
  expect(app.run(id).phase).toBe('interrupted');
  expect(await running(scene)).toMatchObject({ placement_api: '2025.1' });
  await app.resume(ANN, id);
  expect((await app.settled(id)).phase).toBe('upgraded');
});

test('a run that is being worked on is left alone by the clock', async () => {
  const { scene, app, tick } = await withFullJournal();
  const { id } = await app.upgrade(ANN, {
    service: 'placement',
    to: '2025.2',
    overrides: { backup: 'nightly' },
  });
  let ticked = false;
  scene.cloud.onCall(async ({ call }) => {
    if (call !== 'stop') return;
    ticked = true;
    await tick();
  });
  await app.approve(BOB, id);
  expect([(await app.settled(id)).phase, ticked]).toEqual(['upgraded', true]);
});
