import { describe, expect, test } from 'vitest';
import { memoryBlobs } from '../../src/store/blobs.js';
import { memoryJournal } from '../../src/store/memory.js';
import { answer, from, mortal, onlyRun, orDeath } from './mishaps.js';
import { ANN, bornOver, cinderCloud, upgradeTo, withoutPorts } from './scene.js';

const SERVICE = 'keystone';

/**
 * The bot stands on the engine that it changes, and upgrades what tokens come from: with its change of number `nth` the
 * engine restarts and takes the bot with it. Then it is started again, and a person answers.
 */
const takenDownAt = async (nth: number, how: 'resume' | 'rollback') => {
  const scene = withoutPorts(await cinderCloud({ services: [SERVICE, 'cinder'] }));
  const { cloud } = scene;
  const kept = memoryJournal();
  const blobs = memoryBlobs();
  const born = () => bornOver(scene, mortal(kept, scene), { blobs });
  let changes = 0;
  const stop = cloud.onCall(async ({ host, mutating, took }) => {
    if (!mutating || took !== 'effect') return;
    changes += 1;
    if (changes !== nth) return;
    await cloud.daemonRestart(host);
    cloud.crash('with the engine that it stands on');
  });
  await orDeath(born().then(({ app }) => upgradeTo(app, '2025.2', SERVICE)));
  stop();
  const died = cloud.crashed;
  cloud.nextLife();
  const life = await born();
  const found = onlyRun(kept).phase;
  if (died) await answer(life, onlyRun(kept).id, how);
  const engine = cloud.operator('node1');
  const serving = (await engine.list()).filter(({ name }) => !name.includes('__'));
  const ours = serving.filter(({ name }) => name.startsWith(SERVICE));
  const tags = await Promise.all(
    ours.map(async ({ id }) => (await engine.inspect(id))?.Config.Image?.split(':').at(-1)),
  );
  const idle = serving.filter(({ state }) => state !== 'running').map(({ name }) => name);
  return { changes, died, found, run: onlyRun(kept), tags: new Set(tags), idle };
};

describe.each(['resume', 'rollback'] as const)(
  'a bot that falls with the engine under it, and then %s',
  (how) => {
    test('finds its run interrupted after every change, and one version serves in the end', {
      timeout: 240_000,
    }, async () => {
      const { changes } = await takenDownAt(0, how);
      expect(changes).toBeGreaterThan(5);
      for (const nth of from(changes)) {
        const { died, found, run, tags, idle } = await takenDownAt(nth, how);
        expect([nth, died, found]).toEqual([nth, true, 'interrupted']);
        const end = how === 'resume' ? 'upgraded' : 'rolled-back';
        expect([nth, run.phase, run.why]).toEqual([nth, end, undefined]);
        expect([nth, [...tags]]).toEqual([nth, [how === 'resume' ? '2025.2' : '2025.1']]);
        expect([nth, idle]).toEqual([nth, []]);
        if (how === 'rollback') expect(run.rollback?.by).toMatchObject({ name: ANN.name });
      }
    });
  },
);
