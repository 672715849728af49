import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/app/doctor/check.js';
import { fourEyes } from '../../src/app/doctor/four-eyes.js';
import { configWith } from '../authority/desk.js';
import { doctorOn, saidOfCloud, sceneOf } from './doctor-scene.js';

const ANN = { name: 'Ann', slack: 'U0ANN', roles: ['operator', 'approver'] };
const BOB = { name: 'Bob', slack: 'U0BOB', roles: ['approver'] };
const DAN = { name: 'Dan', slack: 'U0DAN', roles: ['operator'] };
const groupOf = (...roles: readonly string[]) => ({ name: 'Team', slack_group: `S0${roles.length}`, roles });

const said = (policy: Record<string, unknown>, ...people: readonly unknown[]): Check =>
  fourEyes(configWith({ policy, people: people.length > 0 ? people : [ANN, BOB, DAN] }));

const LET = { requester_counts: true };

describe('doctor', () => {
  test('warns where one person may ask and approve, with what, why and the way out', () => {
    expect(said(LET)).toEqual({
      code: 'four-eyes',
      level: 'know',
      what: 'One person alone can ask for an upgrade of any service, approve it and Finalize it: Ann is operator and approver, and policy.requester_counts is true with one approval.',
      why: 'Nobody else looks at the plan before it starts: a mistake, or one stolen account, is enough.',
      wayOut:
        'Set `requester_counts: false` under policy (and under policy.services where it stands), or `approvals: 2`; keep it only where there is nobody else to ask.',
    });
  });

  test('names the services of which alone that is so', () => {
    expect(said({ services: { glance: LET, cinder: LET } }).what).toContain('upgrade of glance and cinder,');
    const others = said({ ...LET, services: { keystone: { approvals: 2 } } }).what;
    expect(others).toContain('glance');
    expect(others).not.toContain('keystone');
  });

  test('names all who could, and those whom groups give both roles', () => {
    const also = { ...DAN, roles: ['approver', 'operator'] };
    expect(said(LET, ANN, also).what).toContain('Ann and Dan are operator and approver');
    expect(said(LET, BOB, groupOf('approver', 'operator')).what).toContain(
      'whoever gets both roles by a group is',
    );
    expect(said(LET, groupOf('approver'), groupOf('operator', 'viewer')).what).toContain('by a group');
  });

  test.each([
    ['the setting is off, as it is where nothing is said', {}, []],
    ['two approvals are needed', { ...LET, approvals: 2 }, []],
    ['each service takes it back', { services: { cinder: { ...LET, approvals: 2 } } }, []],
    ['nobody has both roles', LET, [BOB, DAN]],
    ['a group gives one role, and only somebody listed the other', LET, [DAN, groupOf('approver')]],
  ])('does not where %s', (_what, policy, people) => {
    expect(said(policy, ...people).level).toBe('well');
  });

  test('tells it among the findings of the cloud', async () => {
    const scene = await sceneOf({ services: ['placement'] });
    const { policy, people } = configWith({ policy: LET, people: [ANN] });
    const report = await doctorOn(scene, { config: { policy, people } });
    expect(saidOfCloud(report, 'four-eyes').join()).toMatch(/^know: One person alone/);
    expect(saidOfCloud(await doctorOn(scene), 'four-eyes').join()).toMatch(/^well: /);
  });
});

test.each(['configuration', 'security'])('docs/%s.md says what the setting gives away', (page) => {
  const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8');
  const told = text.split('\n\n').flatMap((part) => part.split(/\n(?=[-|])/));
  const about = told.filter((part) => part.includes('requester_counts') && part.includes('`doctor`'));
  expect(about).toHaveLength(1);
  expect(about[0]).toMatch(/one approval/i);
});
