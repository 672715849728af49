import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../src/catalogue/index.js';
import { virtualClock } from '../../src/sim/clock.js';
import { kollaCloud } from './kolla.js';
import { health, migrate, moveTo } from './moves.js';

const RELEASES = [{ id: '2025.1' }, { id: '2025.2' }];

describe('the releases of a simulated Kolla cloud', () => {
  it('moves the schema by the new image only, and lets no older one touch it afterwards', async () => {
    const scene = await kollaCloud({ releases: RELEASES, clock: virtualClock() });
    const revision = async () =>
      (
        await scene.cloud.engine('node1').exec('cinder_api', ['cinder-manage', 'db', 'version'], 1_000)
      ).output.trim();
    expect(await revision()).toBe('cinder-2025.1');
    expect(await migrate(scene, 'cinder_api', { release: '2025.2', env: 'KOLLA_BOOTSTRAP' })).toMatchObject({
      exitCode: 0,
    });
    expect(await revision()).toBe('cinder-2025.2');
    const late = await migrate(scene, 'cinder_api', { release: '2025.1', env: 'KOLLA_BOOTSTRAP' });
    expect(late).toEqual({
      exitCode: 1,
      log: expect.stringContaining("Can't locate revision identified by 'cinder-2025.2'"),
    });
    expect(await revision()).toBe('cinder-2025.2');
  });

  it('acts on every migration of the catalogue, and on no other container’s start', async () => {
    const scene = await kollaCloud({ releases: RELEASES, clock: virtualClock() });
    const before = new Map(scene.cloud.database);
    for (const { name, api, migrations } of SERVICES)
      for (const { env } of migrations) {
        const [variable = ''] = env;
        expect([
          name,
          variable,
          await migrate(scene, api.container, { release: '2025.2', env: variable }),
        ]).toEqual([name, variable, { exitCode: 0, log: expect.stringContaining('2025.2') }]);
      }
    for (const { name } of SERVICES) expect(scene.cloud.database.get(name)).not.toBe(before.get(name));
  });

  it('lets a failed migration leave the revision where it was', async () => {
    const scene = await kollaCloud({
      releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'migration-fails' }],
      clock: virtualClock(),
    });
    expect(await migrate(scene, 'glance_api', { release: '2025.2', env: 'KOLLA_BOOTSTRAP' })).toMatchObject({
      exitCode: 1,
      log: expect.stringContaining('Duplicate column'),
    });
    expect(scene.cloud.database.get('glance')).toBe('glance-2025.1');
  });

  it('lets keystone’s old code no longer become well after the contract step', async () => {
    const scene = await kollaCloud({ services: ['keystone'], releases: RELEASES, clock: virtualClock() });
    expect(await health(scene, 'keystone')).toBe(0);
    await migrate(scene, 'keystone', { release: '2025.2', env: 'KOLLA_UPGRADE' });
    expect(await health(scene, 'keystone')).toBe(0);
    await migrate(scene, 'keystone', { release: '2025.2', env: 'KOLLA_FINISH_UPGRADE' });
    expect(await health(scene, 'keystone')).toBe(1);
  });

  it('has releases that never become well, flap, or end at once, in the API only', async () => {
    const releases = [
      { id: '2025.1' },
      { id: '2025.2', kind: 'never-healthy' },
      { id: '2026.1', kind: 'flaps' },
      { id: '2026.2', kind: 'exits' },
    ] as const;
    const scene = await kollaCloud({ services: ['cinder'], releases, clock: virtualClock() });
    expect(await health(scene, await moveTo(scene, 'cinder_scheduler', '2025.2'))).toBe(0);
    const engine = scene.cloud.engine('node1');
    const looksAt = async (release: string) => {
      const id = await moveTo(scene, 'cinder_api', release);
      const looks = [await health(scene, id), await health(scene, id), await health(scene, id)];
      await engine.stop(id, 1);
      await engine.remove(id);
      await engine.start('cinder_api');
      return looks;
    };
    expect(await looksAt('2025.2')).toEqual([1, 1, 1]);
    expect(await looksAt('2026.1')).toEqual([0, 0, 1]);
    const ended = await moveTo(scene, 'cinder_api', '2026.2');
    expect(await engine.inspect(ended)).toMatchObject({
      RestartCount: 0,
      State: { Status: 'exited', ExitCode: 1 },
    });
  });

  it('has a release that the engine cannot start', async () => {
    const scene = await kollaCloud({
      releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'cannot-start' }],
      clock: virtualClock(),
    });
    await expect(moveTo(scene, 'placement_api', '2025.2')).rejects.toMatchObject({
      call: 'start',
      unknown: false,
    });
  });
});
