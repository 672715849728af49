import { describe, expect, test } from 'vitest';
import { holesOf } from '../../src/app/doctor/holes.js';
import type { EngineInfo } from '../../src/engine/port.js';
import { doctorOn, said, sceneOf } from './doctor-scene.js';

const info: EngineInfo = { version: '', apiVersion: '1.41', hostname: 'node1' };
const asking: EngineInfo = { ...info, authorizationPlugins: ['opa'] };

const idsFor = (about: EngineInfo, name: string, version: string, build = ''): readonly string[] =>
  holesOf(about, { name, version, build }).map(({ id }) => id);

describe('known holes', () => {
  test.each([
    ['24.0.7', ['CVE-2024-41110', 'CVE-2026-34040', 'CVE-2026-41567']],
    ['24.0.10', ['CVE-2026-34040', 'CVE-2026-41567']],
    ['26.0.2', ['CVE-2024-41110', 'CVE-2026-34040', 'CVE-2026-41567']],
    ['28.5.2', ['CVE-2026-34040', 'CVE-2026-41567']],
    ['29.3.1', ['CVE-2026-41567']],
    ['29.5.1', []],
    ['30.0.0', []],
  ])('of Docker Engine %s that asks an authorization plugin', (version, ids) => {
    expect(idsFor(asking, 'Engine', version)).toEqual(ids);
  });

  test('of authorization plugins are none where no plugin is asked', () => {
    expect(idsFor(info, 'Engine', '24.0.7')).toEqual(['CVE-2026-41567']);
  });

  test.each([
    ['1.1.11', 2],
    ['1.1.12', 1],
    ['1.2.7', 1],
    ['1.2.8', 0],
    ['1.3.3', 0],
    ['1.4.3', 0],
  ])('of runc %s: %d', (version, count) => {
    expect(idsFor(info, 'runc', version)).toHaveLength(count);
  });

  test('that Debian mended under an old number are not told of its build', () => {
    const [old, mended] = ['1.1.5+ds1-1', '1.1.5+ds1-1+deb12u1'].map((build) =>
      idsFor(info, 'runc', '1.1.5+ds1', build).includes('CVE-2024-21626'),
    );
    expect([old, mended]).toEqual([true, false]);
  });
});

describe('what is told of them', () => {
  const toldOf = async (about: Partial<EngineInfo>): Promise<readonly string[]> => {
    const scene = await sceneOf({ services: ['placement'] });
    const report = await doctorOn(scene, {
      engine: (engine) => ({ ...engine, info: async () => ({ ...(await engine.info()), ...about }) }),
    });
    return said(report, 'holes');
  };

  test('a bypass of the plugin that an operator relies on is to be mended', async () => {
    const parts = [{ name: 'Engine', version: '27.1.0', build: 'a21b1a2' }];
    expect(await toldOf({ parts, authorizationPlugins: ['opa'] })).toEqual([
      'mend: Docker Engine 27.1.0 is older than the fix of CVE-2024-41110 (mended in 27.1.1); CVE-2026-34040 (mended in 29.3.1); CVE-2026-41567 (mended in 29.5.1).',
    ]);
  });

  test('a distribution’s build is never called open, since it may be mended under its number', async () => {
    const parts = [
      { name: 'Engine', version: '20.10.24+dfsg1', build: '5d6db84' },
      { name: 'runc', version: '1.1.5+ds1', build: '1.1.5+ds1-1+deb12u1' },
    ];
    expect(await toldOf({ parts, authorizationPlugins: ['opa'] })).toEqual([
      'know: Docker Engine 20.10.24+dfsg1 is, by its number alone, older than the fix of CVE-2024-41110 (mended in 20.10.28); CVE-2026-34040 (mended in 29.3.1); CVE-2026-41567 (mended in 29.5.1).',
      'know: runc 1.1.5+ds1-1+deb12u1 is, by its number alone, older than the fix of CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881 (mended in 1.4.0).',
    ]);
  });

  test('an engine without one is well', async () => {
    const parts = [
      { name: 'Engine', version: '29.5.1', build: 'abc' },
      { name: 'runc', version: '1.3.5', build: 'v1.3.5-0-gabc' },
    ];
    expect(await toldOf({ parts })).toEqual([
      'well: No hole is known here for Docker Engine 29.5.1 and runc 1.3.5.',
    ]);
  });
});
