import { describe, expect, test } from 'vitest';
import { orderServer, readBalancer } from '../../src/balancer/haproxy.js';
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

/** Right after the first API was exchanged, the other host answers no more: the run asks. */
const asked = async (around: (kept: Journal) => Journal = (kept) => kept) => {
  const scene = await balancedScene({ clock: virtualClock() });
  const { cloud } = scene;
  const kept = memoryJournal({ clock: cloud.clock.now });
  const born = await bornTicking(scene, around(kept));
  let armed = true;
  cloud.onCall(({ call, host, name }) => {
    if (!armed || call !== 'start' || host !== 'node1' || name !== 'placement_api') return;
    armed = false;
    cloud.host('node2').unreachable = true;
  });
  const paused = await upgradeBuild(born.life);
  const answers = () => {
    cloud.host('node2').unreachable = false;
  };
  return { scene, cloud, kept, born, paused, answers };
};

/** The same, and a person goes back. */
const fellSilent = async (around?: (kept: Journal) => Journal) => {
  const all = await asked(around);
  const { app } = all.born.life;
  await app.rollback(BOB, all.paused.id);
  return { ...all, run: await app.settled(all.paused.id) };
};

const socketOn = ({ cloud }: KollaScene, host: string) => ({
  engine: cloud.operator(host),
  container: 'haproxy',
  path: SOCKET,
});

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

  test('is asked for again and again without a word, and nothing else that is drained is touched', async () => {
    const { scene, kept, born, paused } = await asked();
    expect(paused.phase).toBe('paused');
    const [name = ''] = (paused.leftDrained ?? []).map(({ target }) => target);
    await orderServer(socketOn(scene, 'node1'), { name, order: 'drain' });
    for (let tick = 0; tick < 5; tick += 1) await born.tick();
    const { servers } = await readBalancer(socketOn(scene, 'node1'));
    expect(servers.flatMap((one) => (one.drained ? [`${one.backend}/${one.server}`] : []))).toEqual([name]);
    expect(kept.state().runs[paused.id]?.notes).toEqual(paused.notes);
  });

  test('gets none while people are asked about the container behind it, which is not well', async () => {
    const scene = await balancedScene({
      clock: virtualClock(),
      weather: ({ labels }) => labels['build-date'] !== '2026b2',
      config: { policy: { on_failure: 'ask' } },
    });
    const { cloud } = scene;
    const kept = memoryJournal({ clock: cloud.clock.now });
    const born = await bornTicking(scene, kept);
    const node2 = cloud.host('node2');
    cloud.inject(({ call, mutating, host }) => {
      if (call === 'exec' && mutating && host === 'node2') node2.unreachable = true;
      return 'ok';
    });
    const { id } = await upgradeBuild(born.life);
    expect(kept.state().runs[id]?.leftDrained).not.toEqual([]);
    cloud.inject(() => 'ok');
    node2.unreachable = false;
    await born.life.app.resume(BOB, id);
    const run = await born.life.app.settled(id);
    const drained = await drainedNow(scene);
    expect([run.phase, drained.length > 0]).toEqual(['paused', true]);
    for (let tick = 0; tick < 5; tick += 1) await born.tick();
    expect(await drainedNow(scene)).toEqual(drained);
    expect(kept.state().runs[id]?.notes).toEqual(run.notes);
  });

  test('gets none while the journal does not take that it is given', async () => {
    let refuses = false;
    const { scene, born, answers } = await fellSilent((kept) => ({
      ...kept,
      append: (run, event) =>
        refuses && event.kind === 'noted' ? Promise.reject(new Error('ENOSPC')) : kept.append(run, event),
    }));
    answers();
    refuses = true;
    const drained = await drainedNow(scene);
    await born.tick();
    await born.tick();
    expect(await drainedNow(scene)).toEqual(drained);
    refuses = false;
    await born.tick();
    expect([drained.length > 0, await drainedNow(scene)]).toEqual([true, []]);
  });

  test('is left to a later run of the service, which drains it on purpose', async () => {
    const { scene, cloud, kept, born, run, answers } = await fellSilent();
    const { app } = born.life;
    answers();
    for (const { target: name } of run.leftDrained ?? [])
      await orderServer(socketOn(scene, 'node2'), { name, order: 'ready' });
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
