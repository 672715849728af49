import { describe, expect, test } from 'vitest';
import { freePorts } from '../../src/demo/free-port.js';
import type { Engine } from '../../src/engine/port.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, bornOver, CEM } from '../run/scene.js';
import { kollaCloud } from '../sim/kolla.js';
import { checksOf, doctorOn, findings, said, saidOfCloud, sceneOf, unitsOfAll } from './doctor-scene.js';

const forever = (): Promise<never> => new Promise(() => undefined);

describe('a host that is sound', () => {
  test('is found well in every check, and nothing is changed on it', async () => {
    const [port = 0] = await freePorts(1);
    const scene = await sceneOf({ services: ['placement'], serve: true, ports: { placement: port } });
    const newest = (engine: Engine): Engine => ({
      ...engine,
      info: async () => ({ ...(await engine.info()), version: '29.5.1' }),
    });
    const report = await doctorOn(scene, { engine: newest, only: 'node1' });
    expect(findings(report)).toEqual([]);
    expect(checksOf(report).map(({ code }) => code)).toEqual([
      'reach',
      'api-version',
      'holes',
      'clock',
      'disk',
      'health',
      'units',
      'api',
      'balancer-level',
      'config-files',
      'leftovers',
    ]);
    expect(scene.cloud.calls).toEqual([]);
  });

  test('is not changed where something is wrong, either', async () => {
    const scene = await sceneOf({ restartPolicy: 'no' });
    scene.cloud.host('node1').diskFreeBytes = 1e9;
    const report = await doctorOn(scene, { units: unitsOfAll([]) });
    expect(findings(report).length).toBeGreaterThan(2);
    expect(scene.cloud.calls).toEqual([]);
  });
});

describe('hosts together', () => {
  test('a dead one says so and hides no other', async () => {
    const scene = await sceneOf({ hosts: 2, services: ['placement'] });
    scene.cloud.host('node2').unreachable = true;
    const report = await doctorOn(scene);
    expect(said(report, 'reach', 'node2')).toEqual([
      'mend: The engine does not answer (sim:node2): connect ECONNREFUSED.',
    ]);
    expect(checksOf(report, 'node2')).toHaveLength(1);
    expect(said(report, 'disk', 'node1')).toEqual([expect.stringMatching(/^well: /)]);
  });

  test('one that never answers takes its limit and no longer', async () => {
    const scene = await sceneOf({ services: ['placement'] });
    const report = await doctorOn(scene, {
      engine: (engine) => ({ ...engine, info: forever }),
      limits: { reach: 40, check: 1_000 },
    });
    expect(said(report, 'reach')).toEqual([
      'mend: The engine does not answer (sim:node1): no answer within 40 ms.',
    ]);
    expect(report.hosts[0]?.tookMs).toBeLessThan(1_000);
  });

  test('a check that hangs is named, and the others are told', async () => {
    const scene = await sceneOf({ services: ['placement'] });
    const report = await doctorOn(scene, {
      engine: (engine) => ({ ...engine, exec: forever }),
      limits: { reach: 1_000, check: 40 },
    });
    expect(said(report, 'unchecked')).toEqual([
      'know: free space: could not be looked at (no answer within 40 ms).',
    ]);
    expect(said(report, 'leftovers')).toEqual(['well: No container of an earlier run is left.']);
  });

  test('containers that cannot be read are told, and checks that need them are left out', async () => {
    const scene = await sceneOf({ services: ['placement'] });
    const report = await doctorOn(scene, {
      engine: (engine) => ({ ...engine, list: () => Promise.reject(new Error('server error')) }),
    });
    expect(said(report, 'containers')).toEqual(['mend: The containers could not be read: server error.']);
  });

  test('300 are looked at, a few at a time', async () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `node${index + 1}`);
    const scene = await sceneOf({ hosts, services: ['placement'] });
    scene.cloud.host('node7').unreachable = true;
    let [now, most] = [0, 0];
    const report = await doctorOn(scene, {
      engine: (engine) => ({
        ...engine,
        info: async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setTimeout(resolve, 1));
          now -= 1;
          return engine.info();
        },
      }),
    });
    expect(report.hosts.map(({ host }) => host)).toEqual(hosts);
    expect(report.hosts.filter(({ checks }) => checks.length === 1).map(({ host }) => host)).toEqual([
      'node7',
    ]);
    expect([most > 1, most <= 24]).toEqual([true, true]);
  }, 60_000);
});

describe('what is no single host’s', () => {
  test('containers of the catalogue that are nowhere are named once', async () => {
    const scene = await sceneOf({ hosts: 2, services: ['placement', 'cinder'] });
    expect(saidOfCloud(await doctorOn(scene), 'catalogue')).toEqual([
      'know: On no host: keystone (all of it); glance (all of it); cinder_backup.',
    ]);
  });

  test('nothing is called missing while a host is silent', async () => {
    const scene = await sceneOf({ hosts: 2, services: ['placement'] });
    scene.cloud.host('node2').unreachable = true;
    expect(saidOfCloud(await doctorOn(scene), 'catalogue')).toEqual([]);
  });

  test('a load balancer’s address that does not answer is to be mended', async () => {
    const [port = 0] = await freePorts(1);
    const scene = await sceneOf({ services: ['placement'] });
    const url = `http://127.0.0.1:${port}/`;
    const report = await doctorOn(scene, { config: { front_door: { placement: url } } });
    expect(saidOfCloud(report, 'front-door')).toEqual([
      `mend: placement answers nothing (connect ECONNREFUSED 127.0.0.1:${port}) at the load balancer, ${url}.`,
    ]);
  });
});

describe('the App', () => {
  test('lets a viewer ask, journals nothing, and refuses a stranger and a host that it does not know', async () => {
    const scene = await kollaCloud({ services: ['placement'], serve: false });
    const journal = memoryJournal();
    const { app } = await bornOver(scene, journal);
    const before = journal.state();
    expect((await app.doctor(CEM, 'node1')).hosts.map(({ host }) => host)).toEqual(['node1']);
    await expect(app.doctor({ ...ANN, id: 'U0NOBODY' })).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(app.doctor(ANN, 'node9')).rejects.toMatchObject({
      code: 'unknown-host',
      wayOut: 'Known: node1.',
    });
    expect(journal.state()).toEqual(before);
    expect(scene.cloud.calls).toEqual([]);
    await app.close();
  });
});
