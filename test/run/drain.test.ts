import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.js';
import type { CallRecord } from '../../src/sim/faults.js';
import { say } from '../../src/steps/index.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { balancedScene, drainedNow, effectsOf, serversNow, upgradeBuild } from './balanced.js';
import { ANN, BOB, bornOver, type Life, upgradeTo } from './scene.js';

const born = async (scene: KollaScene): Promise<Life> => bornOver(scene, memoryJournal());

const planOf = async (scene: KollaScene): Promise<Plan> =>
  (await born(scene)).app.plan(ANN, { service: 'placement', overrides: {} });

const findings = ({ findings: all }: Plan): readonly string[] =>
  all.map(({ level, code }) => `${level} ${code}`).filter((one) => !one.includes('api-not-probed'));

const drainsOf = ({ steps }: Plan) => steps.flatMap((step) => (step.kind === 'swap' ? [step.drain] : []));

const orders = (order: 'drain' | 'ready', server: string): readonly string[] =>
  ['node1', 'node2'].flatMap((host) =>
    ['placement_api_back', 'placement_api_external_back'].map(
      (backend) => `${order} ${backend}/${server} at ${host}`,
    ),
  );

/** Calls `then` once, right after the first call that fits took effect. */
const after = (scene: KollaScene, fits: (call: CallRecord) => boolean, then: () => Promise<unknown>) => {
  let done: Promise<unknown> | undefined;
  const stop = scene.cloud.onCall((record) => {
    if (record.took !== 'effect' || !fits(record)) return;
    stop();
    done = then();
  });
  return { settled: async () => done };
};

const stopped = async (scene: KollaScene, host: string, name: string): Promise<void> => {
  const engine = scene.cloud.operator(host);
  await engine.stop((await engine.inspect(name))?.Id ?? '', 1);
};

const started = async (scene: KollaScene, host: string, name: string): Promise<void> =>
  scene.cloud.operator(host).start((await scene.cloud.operator(host).inspect(name))?.Id ?? '');

describe('an upgrade over two API hosts', () => {
  test('takes each server out of every backend of every HAProxy before its stop, and puts it back before the next host', async () => {
    const scene = await balancedScene();
    const run = await upgradeBuild(await born(scene));
    expect([run.phase, run.notes]).toEqual(['upgraded', []]);
    expect(effectsOf(scene)).toEqual([
      ...orders('drain', 'node1'),
      'stop placement_api at node1',
      'start placement_api at node1',
      ...orders('ready', 'node1'),
      ...orders('drain', 'node2'),
      'stop placement_api at node2',
      'start placement_api at node2',
      ...orders('ready', 'node2'),
    ]);
    expect((await serversNow(scene)).map(({ status }) => status)).toEqual(Array(8).fill('UP'));
  });

  test('goes back the same way, newest first', async () => {
    const scene = await balancedScene();
    const { app, ...rest } = await born(scene);
    const { id } = await upgradeBuild({ app, ...rest });
    const before = effectsOf(scene).length;
    await app.rollback(BOB, id);
    const run = await app.settled(id);
    expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
    expect(effectsOf(scene).slice(before)).toEqual(
      ['node2', 'node1'].flatMap((host) => [
        ...orders('drain', host),
        `stop placement_api at ${host}`,
        `start placement_api at ${host}`,
        ...orders('ready', host),
      ]),
    );
  });

  test('journals each order as an intent before it is given', async () => {
    const scene = await balancedScene();
    const { app } = await born(scene);
    const { id } = await app.upgrade(ANN, { service: 'placement', overrides: {} });
    await app.approve(BOB, id);
    await app.settled(id);
    const intents = (await app.eventsOf(id)).flatMap(({ event }) =>
      event.kind === 'call' && event.op === 'drain' ? [event.target] : [],
    );
    expect(intents[0]).toBe('placement_api_back/node1 in haproxy on node1');
    expect(intents).toHaveLength(8);
  });

  test('drains around the restarts of Finalize, too', async () => {
    const scene = await balancedScene({
      services: ['cinder'],
      releases: [{ id: '2025.1' }, { id: '2025.2' }],
    });
    const { app } = await born(scene);
    const { id } = await upgradeTo(app, '2025.2');
    const before = scene.cloud.calls.length;
    await app.finalize(BOB, id);
    expect((await app.settled(id)).phase).toBe('finalized');
    const orderAndApi = effectsOf(scene)
      .slice(
        effectsOf({ ...scene, cloud: { ...scene.cloud, calls: scene.cloud.calls.slice(0, before) } }).length,
      )
      .filter((line) => /cinder_api/.test(line))
      .map((line) => line.replace(/cinder_api_(external_)?back\//, ''));
    expect([...new Set(orderAndApi)].filter((line) => line.includes('node1'))).toEqual([
      'drain node1 at node1',
      'drain node1 at node2',
      'stop cinder_api at node1',
      'start cinder_api at node1',
      'ready node1 at node1',
      'ready node1 at node2',
      'drain node2 at node1',
      'ready node2 at node1',
    ]);
    expect(await drainedNow(scene)).toEqual([]);
  });
});

describe('Finalize', () => {
  const upgraded = async () => {
    const scene = await balancedScene({
      services: ['cinder'],
      releases: [{ id: '2025.1' }, { id: '2025.2' }],
    });
    const { app } = await born(scene);
    const { id } = await upgradeTo(app, '2025.2');
    const finalized = async () => {
      await app.finalize(BOB, id);
      const { phase, why, notes } = await app.settled(id);
      return { ended: [phase, why], notes: [...new Set(notes.map(({ text }) => text))] };
    };
    return { scene, finalized };
  };

  test('does not wait for a HAProxy that was retired since the plan', async () => {
    const { scene, finalized } = await upgraded();
    await stopped(scene, 'node2', 'haproxy');
    expect(await finalized()).toEqual({
      ended: ['finalized', undefined],
      notes: ['haproxy on node2 does not run: nothing is drained there.'],
    });
  });

  test('does not wait for a HAProxy that takes no orders any more', async () => {
    const { scene, finalized } = await upgraded();
    const config = scene.balancers.get('node2');
    if (config) Object.assign(config, { level: 'operator' });
    expect(await finalized()).toEqual({
      ended: ['finalized', undefined],
      notes: [
        'haproxy on node2 takes no orders any more (the level of its socket is operator): nothing is drained there.',
      ],
    });
  });
});

describe('the plan', () => {
  test('names every server of the API in every HAProxy', async () => {
    expect(drainsOf(await planOf(await balancedScene()))).toEqual(
      ['node1', 'node2'].map((server) => ({
        graceSeconds: 60,
        balancers: ['node1', 'node2'].map((host) => ({
          host,
          container: 'haproxy',
          socket: '/var/lib/kolla/haproxy/haproxy.sock',
          servers: [`placement_api_back/${server}`, `placement_api_external_back/${server}`],
        })),
      })),
    );
  });

  test('tells people where each server is drained', async () => {
    const plan = await planOf(await balancedScene());
    const swaps = plan.steps.filter((step) => step.kind === 'swap').map((step) => say(step, plan));
    expect(swaps[0]).toContain('. Drained first in haproxy on node1, haproxy on node2. Stop within 80 s');
  });

  test('says what to set where the socket takes no orders, and drains nothing', async () => {
    const scene = await balancedScene({ haproxy: { level: 'operator' } });
    const plan = await planOf(scene);
    expect(findings(plan)).toEqual(['warn balancer-level']);
    expect(plan.findings.find(({ code }) => code === 'balancer-level')?.wayOut).toContain(
      'haproxy_socket_level_admin: true',
    );
    expect(drainsOf(plan)).toEqual([undefined, undefined]);
    expect((await upgradeBuild(await born(scene))).phase).toBe('upgraded');
    expect(effectsOf(scene, ['exec'])).toEqual([]);
  });

  test('does not drain the only server of a backend, and says that its API will be away', async () => {
    const plan = await planOf(await balancedScene({ hosts: 1 }));
    expect([findings(plan), drainsOf(plan)]).toEqual([['warn single-server'], [undefined]]);
  });

  test('is blocked where every other server is away', async () => {
    const plan = await planOf(await balancedScene({ hosts: 1, haproxy: { dead: ['node9'] } }));
    expect(findings(plan)).toEqual(['block balancer-degraded']);
    expect(plan.findings[0]?.text).toContain('placement_api_back/node9 is DOWN');
  });

  test('goes on where one of several others is away, and says so', async () => {
    const plan = await planOf(await balancedScene({ haproxy: { dead: ['node9'] } }));
    expect(findings(plan)).toEqual(['warn balancer-degraded', 'warn balancer-degraded']);
    expect(drainsOf(plan).map((drain) => drain?.balancers.length)).toEqual([2, 2]);
  });

  test('says which HAProxy does not answer, and drains in the others', async () => {
    const scene = await balancedScene();
    scene.cloud.inject(({ call, host, name }) =>
      call === 'exec' && host === 'node2' && name === 'haproxy' ? 'hang' : 'ok',
    );
    const plan = await planOf(scene);
    expect(findings(plan)).toEqual(['warn balancer-silent']);
    expect(drainsOf(plan)[0]?.balancers.map(({ host }) => host)).toEqual(['node1']);
  });

  test('asks a HAProxy again that does not answer at once', async () => {
    const scene = await balancedScene();
    let asked = 0;
    scene.cloud.inject(({ call, host, name }) => {
      if (call !== 'exec' || host !== 'node2' || name !== 'haproxy') return 'ok';
      asked += 1;
      return asked === 1 ? 'hang' : 'ok';
    });
    const plan = await planOf(scene);
    expect(findings(plan)).toEqual([]);
    expect(drainsOf(plan)[0]?.balancers.map(({ host }) => host)).toEqual(['node1', 'node2']);
  });

  test('has nothing about load balancers where none runs or draining is switched off', async () => {
    const bare = await planOf(await balancedScene({ haproxy: undefined }));
    const scene = await balancedScene();
    const load_balancer = { ...scene.config.load_balancer, drain: false };
    const off = await planOf({ ...scene, config: { ...scene.config, load_balancer } });
    for (const plan of [bare, off])
      expect([findings(plan), drainsOf(plan)]).toEqual([[], [undefined, undefined]]);
  });

  test('is stale when a HAProxy came in between', async () => {
    const scene = await balancedScene();
    await stopped(scene, 'node2', 'haproxy');
    const { app } = await born(scene);
    const { id } = await app.upgrade(ANN, { service: 'placement', overrides: {} });
    await started(scene, 'node2', 'haproxy');
    await app.approve(BOB, id);
    expect((await app.settled(id)).phase).toBe('voided');
  });
});

describe('while a server is drained', () => {
  test('the old one is not stopped before its requests have ended', async () => {
    const scene = await balancedScene();
    const sessions = scene.balancers.get('node2')?.sessions;
    sessions?.set('placement_api_back/node1', 3);
    const timer = setTimeout(() => sessions?.set('placement_api_back/node1', 0), 150);
    const seen: number[] = [];
    after(
      scene,
      ({ call }) => call === 'stop',
      async () => seen.push(sessions?.get('placement_api_back/node1') ?? -1),
    );
    const run = await upgradeBuild(await born(scene));
    clearTimeout(timer);
    expect([run.phase, run.notes, seen]).toEqual(['upgraded', [], [0]]);
  });

  test('requests that outlast the grace are noted, and the run goes on', async () => {
    const scene = await balancedScene();
    scene.balancers.get('node1')?.sessions.set('placement_api_back/node1', 2);
    const load_balancer = { ...scene.config.load_balancer, grace: 20 };
    const run = await upgradeBuild(await born({ ...scene, config: { ...scene.config, load_balancer } }));
    expect([run.phase, run.notes.map(({ text }) => text)]).toEqual([
      'upgraded',
      [
        'After 0.02 s of draining there are still requests: 2 at placement_api_back/node1 in haproxy on node1.',
      ],
    ]);
  });

  test.each([
    ['before the drain', ({ call }: CallRecord) => call === 'create'],
    ['right after it', ({ call }: CallRecord) => call === 'exec'],
  ])('the old one is not stopped when the last other server went away %s', async (_when, fits) => {
    const scene = await balancedScene();
    const away = after(scene, fits, () => stopped(scene, 'node2', 'placement_api'));
    const run = await upgradeBuild(await born(scene));
    await away.settled();
    expect(run.phase).toBe('rolled-back');
    expect(run.rollback?.why).toContain('has no other server UP beside placement_api_back/node1');
    expect(effectsOf(scene, ['stop'])).toEqual([]);
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('a HAProxy that went away before it was told has no traffic: that is said, and the others are drained', async () => {
    const scene = await balancedScene();
    const away = after(
      scene,
      ({ call }) => call === 'create',
      () => stopped(scene, 'node2', 'haproxy'),
    );
    const run = await upgradeBuild(await born(scene));
    await away.settled();
    // That somebody else's container went away is what people are asked about before the next host.
    expect([run.phase, run.asked?.why, run.notes.map(({ text }) => text)]).toEqual([
      'paused',
      expect.stringContaining('haproxy on node2'),
      ['haproxy on node2 does not run: nothing is drained there.'],
    ]);
    expect(effectsOf(scene, ['exec'])).toEqual(
      [...orders('drain', 'node1'), ...orders('ready', 'node1')].filter((line) => line.endsWith('at node1')),
    );
    await started(scene, 'node2', 'haproxy');
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('a HAProxy that is gone when the last server is put back has forgotten the drain and needs no order', async () => {
    const scene = await balancedScene();
    const away = after(
      scene,
      ({ call, host }) => call === 'start' && host === 'node2',
      () => stopped(scene, 'node2', 'haproxy'),
    );
    const run = await upgradeBuild(await born(scene));
    await away.settled();
    // Every step is done; that somebody else's container went away is what people are asked about.
    expect([run.phase, run.asked?.why, run.steps.at(-1)?.status]).toEqual([
      'paused',
      expect.stringContaining('haproxy on node2'),
      'done',
    ]);
    expect(run.notes).toEqual([]);
    await started(scene, 'node2', 'haproxy');
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('a HAProxy that was restarted has forgotten the drain and needs no order', async () => {
    const scene = await balancedScene();
    const restart = async () => {
      await stopped(scene, 'node2', 'haproxy');
      await started(scene, 'node2', 'haproxy');
    };
    const away = after(scene, ({ call }) => call === 'stop', restart);
    const run = await upgradeBuild(await born(scene));
    await away.settled();
    expect([run.phase, run.notes]).toEqual(['upgraded', []]);
    expect(effectsOf(scene)).not.toContain('ready placement_api_back/node1 at node2');
    expect(await drainedNow(scene)).toEqual([]);
  });
});

describe('a run that waits for people in the middle of a swap', () => {
  const askingScene = (kind: 'never-healthy' | 'good') =>
    balancedScene({
      services: ['cinder'],
      releases: [{ id: '2025.1' }, { id: '2025.2', kind }],
      config: { policy: { on_failure: 'ask' } },
    });

  test('leaves a new version that was judged bad without traffic, says so, and puts it back when it goes back', async () => {
    const scene = await askingScene('never-healthy');
    const { app } = await born(scene);
    const { id, phase, notes } = await upgradeTo(app, '2025.2');
    expect(phase).toBe('paused');
    expect(await drainedNow(scene)).toHaveLength(4);
    expect(notes[0]?.text).toContain('stays drained');
    await app.rollback(BOB, id);
    expect((await app.settled(id)).phase).toBe('rolled-back');
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('gives the server traffic again where nothing bad is behind it', async () => {
    const scene = await askingScene('good');
    const { app } = await born(scene);
    scene.cloud.inject(({ call, name }) => (call === 'start' && name === 'cinder_api' ? 'refuse' : 'ok'));
    const { phase, notes } = await upgradeTo(app, '2025.2');
    expect([phase, await drainedNow(scene)]).toEqual(['paused', []]);
    expect(notes[0]?.text).toBe(
      'cinder_api_back/node1 in haproxy on node1 was left drained and is put to ready now.',
    );
  });

  test('gives it traffic again when Finalize fails in a restart', async () => {
    const scene = await askingScene('good');
    const { app } = await born(scene);
    const { id } = await upgradeTo(app, '2025.2');
    scene.cloud.inject(({ call, name }) => (call === 'start' && name === 'cinder_api' ? 'refuse' : 'ok'));
    await app.finalize(BOB, id);
    const run = await app.settled(id);
    expect([run.phase, await drainedNow(scene), run.notes.length]).toEqual(['finalize-failed', [], 4]);
  });

  test('gives it traffic again when such a run is closed as it is, whatever is behind it', async () => {
    const scene = await askingScene('good');
    const { app } = await born(scene);
    const { id } = await upgradeTo(app, '2025.2');
    const isRestart = ({ call, name }: CallRecord) => call === 'start' && name === 'cinder_api';
    const away = after(scene, isRestart, () => stopped(scene, 'node1', 'cinder_api'));
    await app.finalize(BOB, id);
    expect((await app.settled(id)).phase).toBe('finalize-failed');
    await away.settled();
    expect(await drainedNow(scene)).toHaveLength(4);
    expect((await app.cancel(ANN, id)).phase).toBe('abandoned');
    expect(await drainedNow(scene)).toEqual([]);
  });

  test('gives it traffic again when going back is stuck', async () => {
    const scene = await askingScene('never-healthy');
    const { app } = await born(scene);
    const { id } = await upgradeTo(app, '2025.2');
    scene.cloud.inject(({ call, name }) => (call === 'start' && name === 'cinder_api' ? 'refuse' : 'ok'));
    await app.rollback(BOB, id);
    expect([(await app.settled(id)).phase, await drainedNow(scene)]).toEqual(['stuck', []]);
  });

  test('gives it traffic again when the program ends in the middle of a drain', async () => {
    const scene = await balancedScene();
    const { app } = await born(scene);
    scene.balancers.get('node1')?.sessions.set('placement_api_back/node1', 1);
    const { id } = await app.upgrade(ANN, { service: 'placement', overrides: {} });
    await app.approve(BOB, id);
    while ((await drainedNow(scene)).length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    await app.close();
    expect([app.run(id).phase, await drainedNow(scene)]).toEqual(['interrupted', []]);
  });
});
