import { expect, test } from 'vitest';
import { exitFor, Refusal } from '../../src/errors.js';

test.each([
  ['state-locked', 75],
  ['state-damaged', 78],
  ['state-newer', 78],
  ['bad-config', 78],
  ['not-connected', 1],
] as const)('a bot that does not start for %s ends with %i', (code, exit) => {
  expect(exitFor(new Refusal(code, 'why', 'way out'))).toBe(exit);
});

test('a bug ends with 1', () => {
  expect(exitFor(new Error('bug'))).toBe(1);
});
