import { describe, expect, test } from 'vitest';
import { heldEngine, heldUnits } from '../../src/app/held.js';
import type { Engine } from '../../src/engine/port.js';
import type { Units } from '../../src/engine/units.js';
import { virtualClock } from '../../src/sim/clock.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, running, withoutPorts } from './scene.js';

const WHY = 'LOCK names process 4711';

const LOOKS: readonly string[] = [
  'info',
  'list',
  'inspect',
  'image',
  'hasVolume',
  'resolve',
  'wait',
  'logs',
  'readArchive',
  'read',
  'forbidden',
];

const oneHost = async () => {
  const scene = withoutPorts(
    await cinderCloud({
      clock: virtualClock(),
      systemd: true,
      leftOut: ['cinder_scheduler', 'cinder_volume'],
    }),
  );
  return { scene, cloud: scene.cloud };
};

describe('a process whose state folder another one took over', () => {
  test('asks an engine and its units for nothing but looks', async () => {
    const { scene } = await oneHost();
    const engine = scene.engines().get('node1');
    const units = scene.units().get('node1');
    if (!engine || !units) throw new Error('node1 is not there');
    const made: string[] = [];
    const record = <T extends Engine | Units>(one: T): T =>
      Object.fromEntries(
        Object.entries(one).map(([name, value]) => [
          name,
          typeof value === 'function' ? async () => void made.push(name) : value,
        ]),
      ) as T;
    const held = {
      ...heldUnits(record(units), () => WHY),
      ...heldEngine(record(engine), () => WHY),
    };
    const unitCalls = heldUnits(record(units), () => WHY);
    const refused: string[] = [];
    for (const one of [held, unitCalls])
      for (const [name, call] of Object.entries(one)) {
        if (typeof call !== 'function') continue;
        await (call as (...args: readonly unknown[]) => Promise<unknown>)('x', 'y').catch(
          (error: unknown) => {
            expect(error).toMatchObject({ host: 'node1', unknown: false, status: 403 });
            expect(String(error)).toContain(WHY);
            refused.push(name);
          },
        );
      }
    expect(made.filter((name) => !LOOKS.includes(name))).toEqual([]);
    expect(new Set(refused)).toEqual(
      new Set([
        'pull',
        'create',
        'start',
        'stop',
        'rename',
        'setRestartPolicy',
        'remove',
        'exec',
        'writeArchive',
        'clear',
      ]),
    );
  });

  test('joins no further network with a container that it was paused over the create of', async () => {
    const { scene } = await oneHost();
    const engine = scene.engines().get('node1');
    if (!engine) throw new Error('node1 is not there');
    let why: string | undefined;
    const joined: string[] = [];
    const create: Engine['create'] = async (name, { connect }, mayGoOn) => {
      for (const { network } of connect) {
        mayGoOn?.();
        joined.push(network);
        why = WHY;
      }
      return name;
    };
    const networks = ['front', 'back'].map((network) => ({ network, endpoint: {} }));
    const held = heldEngine({ ...engine, create }, () => why);
    await expect(held.create('x', { body: {}, connect: networks })).rejects.toMatchObject({
      host: 'node1',
      unknown: false,
      status: 403,
    });
    expect(joined).toEqual(['front']);
  });

  test('stops no unit after the stop of the container that it was paused over: the other one went back', async () => {
    const { scene, cloud } = await oneHost();
    const kept = memoryJournal({ clock: cloud.clock.now });
    let why: string | undefined;
    const journal = { ...kept, lost: () => why };
    const { app } = await bornOver(scene, {
      ...journal,
      append: async (run, event) => {
        if (why !== undefined) throw new Error(why);
        await kept.append(run, event);
      },
    });
    const made: string[] = [];
    cloud.onCall(({ call, took }) => {
      if (why !== undefined) made.push(call);
      // The unit's own stop is too short: the engine is asked first, and then the unit.
      if (call === 'stop' && took === 'effect') why = WHY;
    });
    const { id } = await app.upgrade(ANN, {
      service: 'cinder',
      to: '2025.2',
      overrides: { backup: 'taken' },
    });
    await app.approve(BOB, id);
    await app.settled(id);
    expect([why, made]).toEqual([WHY, []]);
    why = undefined;
    cloud.onCall(() => undefined);
    const heir = await bornOver(scene, kept);
    await heir.app.rollback(BOB, id);
    expect((await heir.app.settled(id)).phase).toBe('rolled-back');
    expect((await running(scene)).cinder_api).toBe('2025.1');
  });
});
