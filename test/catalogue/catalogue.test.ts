import { expect, test } from 'vitest';
import { SERVICES } from '../../src/catalogue/index.js';
import { judgeJump, RELEASES, releaseNamed, releaseOfTag } from '../../src/catalogue/releases.js';

const jump = (from: string, to: string) => {
  const [a, b] = [releaseNamed(from), releaseNamed(to)];
  if (!a || !b) throw new Error('no such release');
  return judgeJump(a, b).supported;
};

test('the next release and the next SLURP release are supported, nothing else', () => {
  expect(jump('2025.1', '2025.2')).toBe(true);
  expect(jump('2025.1', '2026.1')).toBe(true);
  expect(jump('2025.2', '2026.1')).toBe(true);
  expect(jump('2024.2', '2025.2')).toBe(false);
  expect(jump('2024.1', '2026.1')).toBe(false);
  expect(jump('zed', '2025.1')).toBe(false);
  expect(jump('2025.2', '2025.1')).toBe(false);
});

test('a tag tells its release by name, by number or by kolla’s version', () => {
  expect(
    ['2025.1-ubuntu-noble', 'epoxy', 'zed-debian-bookworm', '20.5.0', 'master-debian-trixie', 'latest'].map(
      (tag) => releaseOfTag(tag)?.id,
    ),
  ).toEqual(['2025.1', '2025.1', 'zed', '2025.1', undefined, undefined]);
});

test('releases are in order and each is named once', () => {
  expect(RELEASES.map(({ kolla }) => kolla)).toEqual(
    [...RELEASES.map(({ kolla }) => kolla)].sort((a, b) => a - b),
  );
  expect(new Set(RELEASES.map(({ id }) => id)).size).toBe(RELEASES.length);
});

test.each(SERVICES.map((service) => [service.name, service] as const))(
  '%s: its API, pins and order fit its containers',
  (_name, service) => {
    const names = service.containers.map(({ name }) => name);
    expect(names).toContain(service.api.container);
    for (const pinned of service.unpin) expect(names).toContain(pinned);
    const api = service.containers.findIndex(({ role }) => role === 'api');
    expect(
      service.containers
        .slice(api + 1)
        .some(({ role }) => ['worker', 'scheduler', 'conductor'].includes(role)),
    ).toBe(false);
    expect(service.migrations.every(({ env }) => env.length > 0)).toBe(true);
    expect(service.hazards.length).toBeGreaterThan(0);
  },
);
