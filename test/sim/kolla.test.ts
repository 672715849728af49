import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../src/catalogue/index.js';
import { differences } from '../../src/engine/compare.js';
import { virtualClock } from '../../src/sim/clock.js';
import { KOLLA_CONTAINERS } from '../../src/sim/kolla-shape.js';
import { kollaCloud } from './kolla.js';
import { moveTo, seen, sure } from './moves.js';

const RELEASES = [{ id: '2025.1' }, { id: '2025.2' }];

describe('the simulated Kolla cloud', () => {
  it('has the catalogue’s containers under the catalogue’s names, images and ports', () => {
    const catalogue = SERVICES.flatMap((service) =>
      service.containers.map(
        ({ name, image }) =>
          `${service.name} ${name} ${image} ${service.api.container === name ? service.api.port : ''}`,
      ),
    );
    const strangers = KOLLA_CONTAINERS.map(
      ({ service, name, image, port }) => `${service} ${name} ${image} ${port ?? ''}`,
    ).filter((line) => !catalogue.includes(line));
    expect(strangers).toEqual([]);
    expect(new Set(KOLLA_CONTAINERS.map((one) => one.service))).toEqual(
      new Set(SERVICES.map((service) => service.name)),
    );
  });

  it('runs every container on every host, healthy, under the prefix', async () => {
    const scene = await kollaCloud({ hosts: 3, prefix: 'demo_', clock: virtualClock() });
    for (const [host, engine] of scene.engines()) {
      const all = await engine.list();
      expect([host, all.length, new Set(all.map((one) => one.state))]).toEqual([
        host,
        KOLLA_CONTAINERS.length,
        new Set(['running']),
      ]);
      expect(all.every((one) => one.name.startsWith('demo_'))).toBe(true);
      for (const { id } of all) expect((await engine.inspect(id))?.State.Health?.Status).toBe('healthy');
    }
    expect(
      scene.config.hosts.map((host) => `${host.name} ${host.supervisor} ${host.config_fits.join('+')}`),
    ).toEqual(['node1 none 2025.1+2025.2', 'node2 none 2025.1+2025.2', 'node3 none 2025.1+2025.2']);
  });

  it.each(KOLLA_CONTAINERS.map((one) => one.name))(
    'lets %s be cloned to the next release without a difference',
    async (name) => {
      const scene = await kollaCloud({ releases: RELEASES, env: ['OWN=secret'], clock: virtualClock() });
      const engine = scene.cloud.engine('node1');
      const before = await seen(engine, name);
      const id = await moveTo(scene, name, '2025.2');
      await engine.rename(before.container.Id, `${name}__kept`);
      await engine.rename(id, name);
      await engine.setRestartPolicy(id, before.container.HostConfig.RestartPolicy);
      const after = await seen(engine, id);
      const found = differences({
        before: before.container,
        after: after.container,
        beforeImage: before.image,
        afterImage: after.image,
      });
      expect(after.container.Config.Image).toBe(scene.ref(name, '2025.2'));
      expect(after.container.State.Running).toBe(true);
      expect(found).toEqual([]);
    },
  );

  it('moves a tag in the registry, while the host keeps what it has until it pulls', async () => {
    const scene = await kollaCloud({ services: ['placement'], clock: virtualClock() });
    const engine = scene.cloud.engine('node1');
    const ref = scene.ref('placement_api', '2025.1');
    const old = { local: sure(await engine.image(ref)).Id, remote: await engine.resolve(ref) };
    scene.rebuild('2025.1', '0202');
    const remote = await engine.resolve(ref);
    expect(remote.digest).not.toBe(old.remote.digest);
    expect((await engine.image(ref))?.Id).toBe(old.local);
    const pulled = await engine.pull(ref, remote.digest);
    expect(pulled).toMatchObject({
      RepoTags: [ref],
      RepoDigests: [`${ref.replace(/:[^:]*$/, '')}@${remote.digest}`],
    });
    expect(sure(await engine.image(old.local)).RepoTags).toEqual([]);
    expect((await engine.pull(ref, old.remote.digest)).Id).toBe(old.local);
  });

  it('answers `df -Pk` with the host’s free space', async () => {
    const scene = await kollaCloud({ services: ['placement'], clock: virtualClock() });
    scene.cloud.host('node1').diskFreeBytes = 3 * 1024 ** 3;
    const { output } = await scene.cloud.engine('node1').exec('placement_api', ['df', '-Pk', '/'], 1_000);
    expect(output.split('\n')[1]?.split(/\s+/)[3]).toBe(String(3 * 1024 ** 2));
  });
});

describe('the ports of a simulated cloud', () => {
  const ports = { keystone: 25_000, glance: 29_292, placement: 28_780, cinder: 28_776 };

  it('answer without a socket where nothing is served', async () => {
    const scene = await kollaCloud({ ports, clock: virtualClock() });
    expect(await scene.cloud.get(`http://127.0.0.1:${ports.cinder}/healthcheck`)).toEqual({
      status: 200,
      body: 'OK',
    });
    expect(JSON.parse((await scene.cloud.get(`http://127.0.0.1:${ports.placement}/`)).body)).toEqual({
      version: '2025.1',
    });
    await scene.cloud.engine('node1').stop('cinder_api', 1);
    await expect(scene.cloud.get(`http://127.0.0.1:${ports.cinder}/healthcheck`)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('are served for real: a client sees health, version, the gap, and the next release', async () => {
    const scene = await kollaCloud({ services: ['placement'], ports, serve: true });
    const url = `http://127.0.0.1:${ports.placement}/`;
    const version = async () => ((await (await fetch(url)).json()) as { version: string }).version;
    try {
      expect(scene.config.hosts[0]?.api_address).toBe('127.0.0.1');
      expect(await version()).toBe('2025.1');
      await scene.cloud.engine('node1').stop('placement_api', 1);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
      await moveTo(scene, 'placement_api', '2025.2');
      expect(await version()).toBe('2025.2');
    } finally {
      await scene.cloud.close();
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
