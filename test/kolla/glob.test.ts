import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globTakes } from '../../src/kolla/glob.js';

test.each([
  ['cinder.conf', 'cinder.conf', true],
  ['cinder.conf', 'cinder.conf.d', false],
  ['cinder.conf', 'cinderxconf', false],
  ['ceph.*', 'ceph.client.cinder.keyring', true],
  ['ceph.*', 'ceph', false],
  ['*', 'etc/cinder.conf', true],
  ['*.conf', 'etc/cinder.conf', false],
  ['*/*.conf', 'etc/cinder.conf', true],
  ['ca-certificates', 'ca-certificates/own.crt', true],
  ['ca-certificates/*', 'ca-certificates', false],
  ['?.pem', 'a.pem', true],
  ['?.pem', '.pem', false],
  ['**', '', true],
  ['', 'cinder.conf', false],
  ['a[b]', 'a[b]', true],
])('the glob %s and the file %s: %s', (glob, file, taken) => {
  expect(globTakes(glob, file)).toBe(taken);
});

test('a glob takes what the expression takes that says the same', () => {
  const text = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
  fc.assert(
    fc.property(text('ab.*?/'), text('ab./'), (glob, file) => {
      const expression = glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
      return globTakes(glob, file) === new RegExp(`^${expression}(/|$)`).test(file);
    }),
    { numRuns: 5_000 },
  );
});

test('a glob of many stars takes no time, as the expression would', () => {
  const began = process.cpuUsage();
  expect(globTakes(`${'*a'.repeat(2_000)}!`, 'a'.repeat(4_000))).toBe(false);
  expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000);
});
