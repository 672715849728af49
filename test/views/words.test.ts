import { expect, test } from 'vitest';
import { clip, duration, fromTo, imageOf, listed, oneLine, tagOf } from '../../src/views/words.js';
import { samplePlan } from '../builders.js';

test.each([
  [0, '0 s'],
  [4_200, '4.2 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min'],
  [190_000, '3 min 10 s'],
  [3_599_600, '1 h'],
  [3_900_000, '1 h 5 min'],
  [-5, '0 s'],
])('%i ms reads %s', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words);
});

test.each([
  ['registry.example:5000/kolla/cinder-api:2025.1', 'cinder-api', '2025.1'],
  ['registry.example:5000/kolla/cinder-api', 'cinder-api', 'latest'],
  [`cinder-api:20.5.0@sha256:${'a'.repeat(64)}`, 'cinder-api', '20.5.0'],
])('%s is an image with a name and a tag', (ref, image, tag) => {
  expect([imageOf(ref), tagOf(ref)]).toEqual([image, tag]);
});

test('things are listed as people list them', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});

test('somebody else’s words become one line of a bearable length', () => {
  expect(oneLine('  one\n two\tthree  ')).toBe('one two three');
  expect(clip('abcdef', 4)).toBe('abc…');
});

test('mixed tags and a tag that is not the release are both shown', () => {
  expect(
    fromTo(
      samplePlan({
        from: { release: '2025.1', tags: ['2025.1-a', '2025.1-b'] },
        to: { release: '2025.1', tag: '2025.1-c' },
      }),
    ),
  ).toBe('2025.1 (2025.1-a and 2025.1-b) → 2025.1 (2025.1-c)');
});
