import type { HealthPolicy } from '../../src/config.js';
import { virtualClock } from '../../src/sim/clock.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { bornOver, cinderCloud, type Life, withoutPorts } from './scene.js';

/** A newer build of placement's running release on two hosts: an upgrade without a migration. */
export const rebuiltOnTwoHosts = async (
  health: Readonly<Record<keyof HealthPolicy, unknown>>,
): Promise<{ readonly scene: KollaScene; readonly life: Life }> => {
  const clock = virtualClock();
  const scene = withoutPorts(
    await cinderCloud({
      clock,
      hosts: 2,
      services: ['placement'],
      releases: [{ id: '2025.1' }],
      config: { health },
    }),
  );
  scene.rebuild('2025.1', 'b2');
  return { scene, life: await bornOver(scene, memoryJournal({ clock: clock.now })) };
};
