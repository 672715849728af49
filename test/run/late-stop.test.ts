import { expect, test } from 'vitest';
import { EngineError } from '../../src/engine/port.js';
import { virtualClock } from '../../src/sim/clock.js';
import { SimulatedCrash } from '../../src/sim/faults.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, running, upgradeTo, withoutPorts } from './scene.js';

/** Longer than the bot is away, shorter than the grace of cinder-api: milliseconds. */
const STOPS_AFTER_MS = 50_000;

/** A bot that dies ten seconds after it asked for the stop of an old container, which takes its time. */
const diedOverAStop = async (systemd: boolean, clockSetMs = 0) => {
  const scene = withoutPorts(
    await cinderCloud({
      clock: virtualClock(),
      systemd: systemd ? { stopSeconds: 600 } : false,
      leftOut: ['cinder_scheduler', 'cinder_volume'],
      releases: [{ id: '2025.1', stopsAfterMs: STOPS_AFTER_MS }, { id: '2025.2' }],
    }),
  );
  const { cloud } = scene;
  const kept = memoryJournal({ clock: cloud.clock.now });
  let born = true;
  const { app } = await bornOver(scene, {
    ...kept,
    append: async (run, event) => {
      if (!born || cloud.crashed) throw new SimulatedCrash('with its journal');
      await kept.append(run, event);
      if (event.kind !== 'call' || event.op !== 'stop') return;
      void cloud.clock
        .sleep(10_000)
        .then(() => cloud.crash('over the stop'))
        .catch((error: unknown) => expect(error).toBeInstanceOf(SimulatedCrash));
    },
  });
  const gone = cloud.clock.sleep(15_000);
  void upgradeTo(app, '2025.2').catch((error: unknown) => expect(error).toBeInstanceOf(SimulatedCrash));
  for (let waited = 0; waited < 600 && !cloud.crashed; waited += 1) await cloud.clock.sleep(100);
  await gone;
  born = false;
  cloud.nextLife();
  const clock = { ...cloud.clock, now: () => cloud.clock.now() + clockSetMs };
  return { scene, kept, second: await bornOver(scene, kept, { clock }) };
};

const HOUR_MS = 3_600_000;
for (const [how, systemd, clockSetMs] of [
  ['engine', false, 0],
  ['unit', true, 0],
  ['engine, the clock set forward an hour', false, HOUR_MS],
  ['engine, the clock set back an hour', false, -HOUR_MS],
] as const)
  test(`a stop that a dead bot asked for has ended before the old version is judged (${how})`, async () => {
    const { scene, kept, second } = await diedOverAStop(systemd, clockSetMs);
    const [run] = Object.values(kept.state().runs);
    expect([run?.phase, run?.steps[1]?.lastCall]).toEqual(['interrupted', 'stop cinder_api']);
    expect((await running(scene)).cinder_api).toBe('2025.1');
    await second.app.rollback(BOB, run?.id ?? '');
    expect((await second.app.settled(run?.id ?? '')).phase).toBe('rolled-back');
    await scene.cloud.clock.sleep(600_000);
    expect((await running(scene)).cinder_api).toBe('2025.1');
  });

test('an old container whose stop never came is judged once the grace of that stop is over, and runs on', async () => {
  const scene = withoutPorts(
    await cinderCloud({ clock: virtualClock(), leftOut: ['cinder_scheduler', 'cinder_volume'] }),
  );
  const { cloud } = scene;
  cloud.inject(({ call }) => (call === 'stop' ? 'crash-before' : 'ok'));
  const kept = memoryJournal({ clock: cloud.clock.now });
  const { app } = await bornOver(scene, {
    ...kept,
    append: async (run, event) => (cloud.crashed ? cloud.crash('with its journal') : kept.append(run, event)),
  });
  await upgradeTo(app, '2025.2').catch((error: unknown) => expect(error).toBeInstanceOf(SimulatedCrash));
  cloud.nextLife();
  cloud.inject(undefined);
  const before = (await cloud.operator('node1').inspect('cinder_api'))?.State.StartedAt;
  const second = await bornOver(scene, kept);
  const [run] = Object.values(kept.state().runs);
  await second.app.rollback(ANN, run?.id ?? '');
  expect((await second.app.settled(run?.id ?? '')).phase).toBe('rolled-back');
  expect((await cloud.operator('node1').inspect('cinder_api'))?.State.StartedAt).toBe(before);
});

test('a stop that was taken and whose answer was lost has ended before the old version is judged', async () => {
  const scene = withoutPorts(
    await cinderCloud({
      clock: virtualClock(),
      leftOut: ['cinder_scheduler', 'cinder_volume'],
      releases: [{ id: '2025.1', stopsAfterMs: STOPS_AFTER_MS }, { id: '2025.2' }],
    }),
  );
  const { cloud } = scene;
  const engines = () =>
    new Map(
      [...scene.engines()].map(([host, engine]) => [
        host,
        {
          ...engine,
          /** The connection dies once the stop was taken, and comes back when the bot has lost its patience. */
          stop: async (id: string, graceSeconds: number) => {
            void engine.stop(id, graceSeconds).catch(() => undefined);
            await cloud.clock.sleep(1_000);
            throw new EngineError(host, 'stop', 'socket hang up', true);
          },
        },
      ]),
    );
  const { app } = await bornOver({ ...scene, engines }, memoryJournal({ clock: cloud.clock.now }));
  const run = await upgradeTo(app, '2025.2');
  expect(run.phase).toBe('rolled-back');
  await cloud.clock.sleep(600_000);
  expect((await running(scene)).cinder_api).toBe('2025.1');
});
