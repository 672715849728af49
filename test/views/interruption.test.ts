import { expect, test } from 'vitest';
import { downtimeSummary } from '../../src/views/interruption.js';
import { downtimeOf, runAt } from '../builders.js';

const swap = runAt('running').plan.steps.findIndex((step) => step.kind === 'swap');

const gaps = (forward: object, back: object) =>
  runAt('rolled-back', {
    after: [
      { kind: 'downtime', part: 'steps', index: swap, report: downtimeOf(forward) },
      { kind: 'downtime', part: 'rollback', index: swap, report: downtimeOf(back) },
    ],
  });

/** Only the step under test is measured: the builder's other reports would hide it. */
const alone = (run: ReturnType<typeof gaps>) => ({
  ...run,
  steps: run.steps.map((step, index) => {
    const { downtime: _one, backDowntime: _other, ...rest } = step;
    return index === swap ? step : rest;
  }),
});

test('an API that stayed away until the old version answered was away for one long gap', () => {
  const run = alone(gaps({ longestGapMs: 20_000, openEnd: true }, { longestGapMs: 700, openStart: true }));
  expect(downtimeSummary(run, 'back')).toBe('API away for at least 20.7 s');
});

test('two gaps with answers between them are not added up', () => {
  const run = alone(gaps({ longestGapMs: 2_000 }, { longestGapMs: 700 }));
  expect(downtimeSummary(run, 'forward')).toBe('API away for 2 s');
  expect(downtimeSummary(run, 'back')).toBe('API away for 0.7 s');
});

test('a drained API container is not said to be an API that is away: clients were sent elsewhere', () => {
  const run = alone(gaps({ longestGapMs: 2_000 }, { longestGapMs: 700 }));
  const drain = { balancers: [], graceSeconds: 60 };
  const steps = run.plan.steps.map((step) => (step.kind === 'swap' ? { ...step, drain } : step));
  expect(downtimeSummary({ ...run, plan: { ...run.plan, steps } }, 'forward')).toBe(
    'drained API container away for 2 s',
  );
});
