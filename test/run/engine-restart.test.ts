import { describe, expect, test } from 'vitest';
import { ANN, BOB, freshScene, upgradeTo } from './scene.js';

/** A run whose engine is restarted right after its change with that number. */
const disturbed = async (does: 'upgrade' | 'rollback', at: number) => {
  const { scene, life } = await freshScene();
  const before = does === 'rollback' ? await upgradeTo(life.app, '2025.2') : undefined;
  let changes = 0;
  const stop = scene.cloud.onCall(async ({ host }) => {
    changes += 1;
    if (changes === at) await scene.cloud.daemonRestart(host);
  });
  const id =
    before?.id ?? (await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} })).id;
  if (before) await life.app.rollback(BOB, id);
  else await life.app.approve(BOB, id);
  const run = await life.app.settled(id);
  stop();
  const all = await Promise.all(
    (await scene.cloud.operator('node1').list())
      .filter(({ name }) => name.startsWith('cinder'))
      .map(async ({ name, state }) => ({
        name,
        state,
        tag: (await scene.cloud.operator('node1').inspect(name))?.Config.Image?.split(':').at(-1),
      })),
  );
  return { run, changes, serving: all.filter(({ name }) => !name.includes('__')) };
};

describe('an engine without live-restore that is restarted after', () => {
  test.each(['upgrade', 'rollback'] as const)(
    'any change of the %s leaves one version serving',
    async (does) => {
      const { changes } = await disturbed(does, 0);
      expect(changes).toBeGreaterThan(10);
      for (let at = 1; at <= changes; at += 1) {
        const { run, serving } = await disturbed(does, at);
        const ends = does === 'upgrade' ? ['upgraded', 'rolled-back', 'failed'] : ['rolled-back'];
        expect([at, ends.includes(run.phase), run.why]).toEqual([at, true, run.why]);
        expect(new Set(serving.map(({ tag }) => tag)).size).toBe(1);
        expect(serving.map(({ name, state }) => `${at} ${name} ${state}`)).toEqual(
          serving.map(({ name }) => `${at} ${name} running`),
        );
      }
    },
  );
});
