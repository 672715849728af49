import { describe, expect, test } from 'vitest';
import { orderServer } from '../../src/balancer/haproxy.js';
import type { Journal } from '../../src/run/journal.js';
import { virtualClock } from '../../src/sim/clock.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { balancedScene, drainedNow, SOCKET, upgradeBuild } from './balanced.js';
import { ANN, BOB, bornOver, type Life } from './scene.js';

type Ticking = { readonly life: Life; strike(): void; tick(): Promise<void> };

/** A life whose timer strikes when the test says so. */
const bornTicking = async (scene: KollaScene, journal: Journal): Promise<Ticking> => {
  const timers: (() => void)[] = [];
  const every = (_ms: number, work: () => void) => {
    timers.push(work);
    return () => undefined;
  };
  const life = await bornOver(scene, journal, { every });
  const strike = (): void => {
    for (const work of timers) work();
  };
  return {
    life,
    strike,
    tick: async () => {
      strike();
      await scene.cloud.clock.sleep(1_000);
      for (const id of Object.keys(journal.state().runs)) await life.app.settled(id);
    },
  };
};

/** Right after the first API was exchanged, the other host answers no more: the run asks, and a person goes back. */
const fellSilent = async () => {
  const scene = await balancedScene({ clock: virtualClock() });
  const { cloud } = scene;
  const kept = memoryJournal({ clock: cloud.clock.now });
  const born = await bornTicking(scene, kept);
  let armed = true;
  cloud.onCall(({ call, host, name }) => {
    if (!armed || call !== 'start' || host !== 'node1' || name !== 'placement_api') return;
    armed = false;
    cloud.host('node2').unreachable = true;
  });
  const paused = await upgradeBuild(born.life);
  await born.life.app.rollback(BOB, paused.id);
  const run = await born.life.app.settled(paused.id);
  const answers = () => {
    cloud.host('node2').unreachable = false;
  };
  return { scene, cloud, kept, born, run, answers };
};

describe('a server that was left drained since its load balancer fell silent', () => {
  test('gets traffic once that answers again, although the run is over', async () => {
    const { scene, kept, born, run, answers } = await fellSilent();
    expect(run.phase).toBe('rolled-back');
    expect(run.notes.map(({ text }) => text).join('\n')).toMatch(/may stay drained .*; that is tried again/);
    await born.tick();
    await born.tick();
    expect(kept.state().runs[run.id]?.notes).toHaveLength(run.notes.length);
    answers();
    expect((await drainedNow(scene)).length).toBeGreaterThan(0);
    await born.tick();
    expect(await drainedNow(scene)).toEqual([]);
    const now = kept.state().runs[run.id];
    expect([now?.phase, now?.leftDrained]).toEqual(['rolled-back', []]);
    expect(now?.notes.at(-1)?.text).toMatch(
      /placement_api_external_back\/node1 in haproxy on node2 is not drained any more\./,
    );
    await born.tick();
    expect(kept.state().runs[run.id]?.notes).toHaveLength(now?.notes.length ?? 0);
  });

  test('gets traffic after a restart of the bot, too', async () => {
    const { scene, kept, answers } = await fellSilent();
    const heir = await bornTicking(scene, kept);
    answers();
    expect((await drainedNow(scene)).length).toBeGreaterThan(0);
    await heir.tick();
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('is left to a later run of the service, which drains it on purpose', async () => {
    const { scene, cloud, kept, born, run, answers } = await fellSilent();
    const { app } = born.life;
    answers();
    const socket = { engine: cloud.operator('node2'), container: 'haproxy', path: SOCKET };
    for (const { target: name } of run.leftDrained ?? []) await orderServer(socket, { name, order: 'ready' });
    await app.unhold(BOB, 'placement');
    const later = await app.upgrade(ANN, { service: 'placement', overrides: {} });
    let drained = 0;
    cloud.onCall(async ({ call, host, name }) => {
      if (drained > 0 || call !== 'stop' || host !== 'node1' || name !== 'placement_api') return;
      born.strike();
      await cloud.clock.sleep(10_000);
      drained = (await drainedNow(scene)).length;
    });
    await app.approve(BOB, later.id);
    expect((await app.settled(later.id)).phase).toBe('upgraded');
    expect(drained).toBe(4);
    await app.finalize(BOB, later.id);
    expect((await app.settled(later.id)).phase).toBe('finalized');
    await born.tick();
    expect(kept.state().runs[run.id]?.leftDrained).toEqual([]);
  });
});
