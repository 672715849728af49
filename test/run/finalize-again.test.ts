import { expect, test } from 'vitest';
import { mortal, onlyRun, orDeath } from './mishaps.js';
import { BOB, bornOver, freshScene, upgradeTo } from './scene.js';

test('a Finalize whose last needed word was journaled right before the bot died can be pressed again by the same person', async () => {
  const { scene, journal, life } = await freshScene();
  const { id } = await upgradeTo(life.app, '2025.2');
  const dying = await bornOver(scene, mortal(journal, scene, { nth: 1, when: 'after' }));
  await orDeath(dying.app.finalize(BOB, id));
  expect(onlyRun(journal)).toMatchObject({ phase: 'upgraded', finalizeApprovals: [BOB] });

  scene.cloud.nextLife();
  const { app } = await bornOver(scene, journal);
  await app.finalize(BOB, id);

  expect((await app.settled(id)).phase).toBe('finalized');
});
