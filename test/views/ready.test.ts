import { expect, test } from 'vitest';
import type { ReadyReport } from '../../src/run/event.js';
import { eventLine } from '../../src/views/event.js';
import { healthView } from '../../src/views/health.js';
import { dryRunView } from '../../src/views/plan.js';
import { progressView } from '../../src/views/progress.js';
import { resultView } from '../../src/views/result.js';
import { plain } from '../../src/views/words.js';
import { runAt, samplePlan } from '../builders.js';

const report = (change: Partial<ReadyReport> = {}): ReadyReport => ({
  host: 'control1',
  container: 'cinder_api',
  ready: true,
  tookMs: 2_100,
  asked: [{ what: 'volumes listed', verdict: 'well', why: '200 in 45 ms' }],
  ...change,
});

const notReady = report({
  ready: false,
  asked: [
    {
      what: 'cinder-backup on control9 up',
      verdict: 'excused',
      why: 'not well before the upgrade either: down',
    },
    { what: 'volume services listed', verdict: 'well', why: '200 in 20 ms' },
    { what: 'volumes listed', verdict: 'waiting', why: 'answers 503' },
  ],
});

const textOf = (reply: { readonly blocks: readonly object[] }): string =>
  reply.blocks
    .flatMap((block) => ('lines' in block ? (block.lines as Parameters<typeof plain>[0][]) : []))
    .map(plain)
    .join('\n');

const withReady = (one: ReadyReport, phase: 'running' | 'upgraded' = 'running') =>
  runAt(phase, { after: [{ kind: 'ready', part: 'steps', index: 6, report: one }] });

test('the thread shows the answers beside the health, bad ones first', () => {
  expect(textOf(healthView(withReady(report())))).toContain(
    'cinder_api on control1: ready after 2.1 s. volumes listed (200 in 45 ms)',
  );
  expect(textOf(healthView(withReady(notReady)))).toContain(
    'cinder_api on control1: not ready after 2.1 s. volumes listed not yet: answers 503 · cinder-backup on control9 up not required: not well before the upgrade either: down · volume services listed (200 in 20 ms)',
  );
});

test('what cannot be asked is said so, and a long list is cut with its count', () => {
  const asked = Array.from({ length: 30 }, (_, n) => ({
    what: `cinder-volume on c${n} up`,
    verdict: 'waiting' as const,
    why: 'x',
  }));
  const text = textOf(healthView(withReady(report({ ready: false, asked, unasked: 'no token from here' }))));
  expect(text).toContain(
    'not ready after 2.1 s. Cannot be asked: no token from here · cinder-volume on c0 up',
  );
  expect(text).toContain('and 22 more');
});

test('the result says in one line at how many places the service answered', () => {
  const run = runAt('upgraded', {
    after: [
      {
        kind: 'services-asked',
        when: 'end',
        reports: [report(), report({ host: 'the front door', container: 'cinder' })],
      },
    ],
  });
  expect(textOf(resultView(run))).toContain('Ready: asked at 2 places, all ready (2 answers).');
});

test('a run that nobody asked anything in says nothing of it', () => {
  expect(textOf(resultView(runAt('upgraded')))).not.toContain('Ready:');
  expect(textOf(dryRunView(samplePlan()))).not.toContain('asked');
});

test('the answers after going back are those of the old version', () => {
  const run = runAt('rolled-back', {
    after: [
      { kind: 'services-asked', when: 'back', reports: [report({ tookMs: 900 })] },
      { kind: 'ready', part: 'steps', index: 6, report: notReady },
    ],
  });
  expect(textOf(healthView(run))).toContain('cinder_api on control1: ready after 0.9 s.');
  expect(textOf(healthView(run))).not.toContain('503');
});

test('who follows a run at the command line reads one line for each answer', () => {
  const run = withReady(report());
  const line = (one: ReadyReport) => eventLine({ kind: 'ready', part: 'steps', index: 6, report: one }, run);
  expect([line(report()), line(notReady)]).toEqual([
    'cinder_api on control1 is ready: asked as a client, after 2.1 s.',
    'Asked as a client, not ready: cinder_api on control1.',
  ]);
  expect(eventLine({ kind: 'services-asked', when: 'end', reports: [report(), report()] }, run)).toBe(
    'Asked as a client at 2 places, all ready.',
  );
});

test('the live progress tells how long it took', () => {
  const run = runAt('upgraded', { after: [{ kind: 'ready', part: 'steps', index: 6, report: report() }] });
  expect(JSON.stringify(progressView(run))).toContain('healthy after 12.3 s, ready after 2.1 s');
});

test('the plan says what the service will be asked', () => {
  const plan = samplePlan({ asks: ['After the swap of cinder_api: volumes listed.'] });
  expect(textOf(dryRunView(plan))).toContain('After the swap of cinder_api: volumes listed.');
});
