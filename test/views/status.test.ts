import { describe, expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/app.js';
import { serviceNamed } from '../../src/catalogue/index.js';
import { hosts } from '../../src/plan/standing.js';
import { statusView } from '../../src/views/status.js';
import { plain } from '../../src/views/words.js';
import { erin, runAt, seen } from '../builders.js';

const statusOf = (change: Partial<ServiceStatus> = {}): ServiceStatus => ({
  service: serviceNamed('cinder'),
  containers: [
    { ...seen('cinder_scheduler'), state: 'running', health: 'healthy' },
    { ...seen('cinder_api'), state: 'running', health: 'unhealthy' },
  ],
  releases: ['2025.1'],
  findings: [],
  unreachable: [],
  ...change,
});

const lines = (statuses: readonly ServiceStatus[]): readonly string[] =>
  statusView(statuses).blocks.flatMap((block) => (block.kind === 'list' ? block.lines.map(plain) : []));

const rows = (statuses: readonly ServiceStatus[]) =>
  statusView(statuses).blocks.flatMap((block) => (block.kind === 'table' ? block.rows : []));

const hold = { service: 'cinder', by: erin, reason: 'rolled back by run r1', at: '2026-11-22T10:00:00.000Z' };

describe('status', () => {
  test('of one service shows its containers, each with tag and state', () => {
    expect(rows([statusOf()])).toEqual([
      ['cinder_scheduler', 'control1', '2025.1', 'running, healthy'],
      ['cinder_api', 'control1', '2025.1', 'running, unhealthy'],
    ]);
    expect(statusView([statusOf()]).summary).toBe('cinder: 2025.1, 1 of 2 well.');
  });

  test('of several services has a row for each, with what is open', () => {
    const keystone = statusOf({ service: serviceNamed('keystone'), containers: [], releases: [] });
    expect(rows([keystone, statusOf({ run: runAt('upgraded'), hold })])).toEqual([
      ['keystone', 'unknown', 'none found', ''],
      ['cinder', '2025.1', '1 of 2 well', 'r1: upgraded, can be rolled back until Finalize; on hold'],
    ]);
  });

  test('an unfinalized run stays visible, with who asked for it', () => {
    expect(lines([statusOf({ run: runAt('upgraded') })])).toEqual([
      'cinder 2025.1 → 2025.2: upgraded, can be rolled back until Finalize. Run r1, asked for by Erin. Now: finalize r1, rollback r1.',
    ]);
  });

  test('a run that waits says what can be typed, where no button is at hand', () => {
    expect(lines([statusOf({ run: runAt('interrupted') })])[0]).toMatch(/ Now: resume r1, rollback r1\.$/);
  });

  test('a hold names holder, time, reason and the way out', () => {
    expect(lines([statusOf({ hold })])).toEqual([
      'cinder is on hold, by Erin at 2026-11-22T10:00:00.000Z: rolled back by run r1. unhold cinder releases it.',
    ]);
  });

  test('a host that does not answer is said once, and its containers are not called gone', () => {
    const unreachable = [{ host: 'control2', why: 'connect ECONNREFUSED' }];
    const findings = hosts({ observation: { service: serviceNamed('cinder'), hosts: [], unreachable } });
    const statuses = [
      statusOf({ unreachable, findings }),
      statusOf({ service: serviceNamed('glance'), containers: [], unreachable }),
    ];
    expect(lines(statuses)).toEqual([
      'control2 does not answer: connect ECONNREFUSED. What runs there is not known.',
    ]);
    expect(statusView(statuses).summary).toBe('2 services, 1 of 2 well; 0 open runs. 1 host did not answer.');
  });
});
