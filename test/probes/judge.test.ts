import { createServer } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import { gapOf, resolutionOf, type Sample } from '../../src/probes/downtime.js';
import { addRound, judgeHealth, verdictOf } from '../../src/probes/judge.js';
import { port } from '../../src/probes/port.js';
import type { ProbeResult } from '../../src/probes/report.js';
import { kollaCloud } from '../sim/kolla.js';

const policy = { interval: 1_000, successes: 3, minimum: 2_000, deadline: 10_000 };
const round = (...verdicts: ProbeResult['verdict'][]): ProbeResult[] =>
  verdicts.map((verdict, index) => ({
    probe: (['steady', 'http'] as const)[index] ?? 'port',
    verdict,
    why: '',
  }));

const judge = (rounds: readonly ProbeResult[][]) => {
  let record: Parameters<typeof addRound>[0] = { results: [], streak: 0, everWell: false };
  for (const [index, one] of rounds.entries()) {
    const ageMs = index * policy.interval;
    record = addRound(record, one, ageMs);
    const outcome = verdictOf(record, ageMs, policy);
    if (outcome) return { outcome, ageMs };
  }
  return undefined;
};

const WELL = round('well', 'well');
const NOT_YET = round('well', 'waiting');

test('enough rounds in a row and the minimum time make a container healthy', () => {
  expect(judge([WELL, WELL, WELL])).toEqual({ outcome: 'healthy', ageMs: 2_000 });
  expect(judge([NOT_YET, WELL, WELL, NOT_YET, WELL, WELL, WELL])).toEqual({
    outcome: 'healthy',
    ageMs: 6_000,
  });
});

test('a probe that says that waiting will not help ends the judging at once', () => {
  expect(judge([WELL, round('ill', 'well')])).toEqual({ outcome: 'unhealthy', ageMs: 1_000 });
});

test('never well until the deadline is unhealthy; well in between is inconclusive', () => {
  expect(judge(Array.from({ length: 12 }, () => NOT_YET))).toEqual({ outcome: 'unhealthy', ageMs: 10_000 });
  expect(judge(Array.from({ length: 12 }, (_, index) => (index % 2 ? WELL : NOT_YET)))).toEqual({
    outcome: 'inconclusive',
    ageMs: 10_000,
  });
});

test('a probe that cannot judge this container neither helps nor hinders', () => {
  expect(judge([1, 2, 3].map(() => round('well', 'unknown')))?.outcome).toBe('healthy');
  expect(judge(Array.from({ length: 12 }, () => round('unknown', 'unknown')))?.outcome).toBe('unhealthy');
});

test('whatever the rounds are, healthy needs an unbroken row at its end, and the deadline always decides', () => {
  const verdict = fc.constantFrom<ProbeResult['verdict']>('well', 'waiting', 'ill', 'unknown');
  fc.assert(
    fc.property(fc.array(fc.tuple(verdict, verdict), { minLength: 11, maxLength: 20 }), (rounds) => {
      const answer = judge(rounds.map((pair) => round(...pair)));
      if (!answer) return false;
      const seen = rounds.slice(0, answer.ageMs / policy.interval + 1);
      const good = ([a, b]: [string, string]) =>
        (a === 'well' || b === 'well') && [a, b].every((one) => one === 'well' || one === 'unknown');
      return answer.outcome !== 'healthy' || seen.slice(-policy.successes).every(good);
    }),
  );
});

const sample = (at: number, good: boolean): Sample => ({ sentAt: at, endedAt: at, good });

test('the gap lies between two good answers with a bad one between them', () => {
  expect(
    gapOf([sample(0, true), sample(50, true), sample(100, false), sample(400, false), sample(450, true)]),
  ).toEqual({ longestGapMs: 400, good: 3, bad: 2 });
});

test('slow answers without a failure are no downtime, and an open end counts up to the last sample', () => {
  expect(gapOf([sample(0, true), sample(900, true)]).longestGapMs).toBe(0);
  expect(gapOf([sample(0, true), sample(50, false), sample(700, false)])).toEqual({
    longestGapMs: 700,
    good: 1,
    bad: 2,
    openEnd: true,
  });
});

test('an API that was away when the watch began is said to have been away for at least that long', () => {
  expect(gapOf([sample(0, false), sample(500, false), sample(900, true), sample(950, true)])).toEqual({
    longestGapMs: 900,
    good: 2,
    bad: 2,
    openStart: true,
  });
});

test('an address that never answered has no gap', () => {
  expect(gapOf([sample(0, false), sample(50, false)])).toEqual({ longestGapMs: 0, good: 0, bad: 2 });
});

test('the resolution is what was kept, not what was meant', () => {
  const every = (ms: number) => Array.from({ length: 40 }, (_, index) => sample(index * ms, true));
  expect(resolutionOf(every(20))).toBe(50);
  expect(resolutionOf(every(130))).toBe(130);
  expect(resolutionOf([])).toBe(50);
});

test('an engine that does not answer the first look does not make a container ill', async () => {
  const scene = await kollaCloud({ services: ['cinder'] });
  const engine = scene.cloud.operator('node1');
  const id = (await engine.inspect('cinder_api'))?.Id ?? '';
  let asked = 0;
  const hiccup: Engine = {
    ...engine,
    inspect: (one) => {
      asked += 1;
      return asked < 3 ? Promise.reject(new Error('cut')) : engine.inspect(one);
    },
  };
  const quick = { interval: 1, successes: 2, minimum: 0, deadline: 1_000 };
  const request = {
    id,
    container: 'cinder_api',
    url: null,
    reach: new Set<string>(),
    expect: [200],
    policy: quick,
  };
  expect((await judgeHealth({ ...request, engine: hiccup })).outcome).toBe('healthy');
  const silent: Engine = { ...engine, inspect: () => Promise.reject(new Error('cut')) };
  await expect(
    judgeHealth({ ...request, engine: silent, policy: { ...quick, deadline: 5 } }),
  ).rejects.toThrow('cut');
});

test('the port of an IPv6 address is asked without the brackets of its URL', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  const address = server.address();
  const at = address !== null && typeof address === 'object' ? address.port : 0;
  const context = { engine: (await kollaCloud()).cloud.operator('node1'), id: '', container: undefined };
  const rest = { startedAt: '', restartCount: 0, expect: [200] };
  const url = `http://[::1]:${at}/healthcheck`;
  const answer = await port({ ...context, ...rest, url, reach: new Set([new URL(url).origin]) });
  server.close();
  expect(answer.verdict).toBe('well');
});
