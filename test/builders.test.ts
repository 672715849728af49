import { expect, test } from 'vitest';
import { PHASES } from '../src/run/phase.js';
import { runAt } from './builders.js';

test.each(PHASES)('a run built for the phase %s is folded into it', (phase) => {
  expect(runAt(phase).phase).toBe(phase);
});
