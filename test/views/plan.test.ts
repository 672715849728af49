import { describe, expect, test } from 'vitest';
import type { Block, Reply } from '../../src/command.js';
import type { Plan } from '../../src/plan/plan.js';
import { goingBackLines } from '../../src/views/going-back.js';
import { interruptionLines } from '../../src/views/interruption.js';
import { dryRunView, planLines, planView } from '../../src/views/plan.js';
import { plain } from '../../src/views/words.js';
import { migrateOf, olga, runAt, samplePlan, seen, swapOf } from '../builders.js';

/** The lines below one title of the plan. */
const section = (plan: Plan, title: string): readonly string[] => {
  const lines = planLines(plan);
  const from = lines.findIndex(
    ([first]) => typeof first === 'object' && 'bold' in first && first.bold.startsWith(title),
  );
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => line.length === 1 && typeof line[0] === 'object' && 'bold' in line[0]);
  return from < 0 ? [] : rest.slice(0, to < 0 ? undefined : to).map(plain);
};

const buttonsOf = (reply: Reply) =>
  reply.blocks.flatMap((block) => (block.kind === 'buttons' ? block.buttons : []));
const listsOf = (reply: Reply): readonly string[] =>
  reply.blocks.flatMap((block: Block) => (block.kind === 'list' ? block.lines.map(plain) : []));

describe('the plan that people read', () => {
  test('each container is named with its host, from and to', () => {
    expect(section(samplePlan(), 'Containers')).toEqual([
      'cinder_scheduler on control1: 2025.1 → 2025.2',
      'cinder_volume on control1: 2025.1 → 2025.2',
      'cinder_api on control1: 2025.1 → 2025.2',
    ]);
  });

  test('two builds under one tag are told apart by their digests', () => {
    const old = { ...seen('glance_api'), identity: `sha256:${'a'.repeat(64)}` };
    const target = { ref: old.imageRef, digest: `sha256:${'b'.repeat(64)}` };
    const plan = samplePlan({
      service: 'glance',
      to: { release: '2025.1', tag: '2025.1' },
      steps: [swapOf('glance_api', { old, target })],
    });
    expect(section(plan, 'Containers')).toEqual([
      'glance_api on control1: 2025.1 (aaaaaaaaaaaa) → 2025.1 (bbbbbbbbbbbb)',
    ]);
    expect(dryRunView(plan).summary).toBe(
      'glance 2025.1, a newer build: could be asked for now. Nothing was started.',
    );
  });

  test('the steps are numbered in the order in which they run', () => {
    expect(section(samplePlan(), 'Steps').map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '1. Pull registry.example/openstack.kolla/cinder-scheduler:2025.2',
      '2. Pull registry.example/openstack.kolla/cinder-volume:2025.2',
      '3. Pull registry.example/openstack.kolla/cinder-api:2025.2',
      '4. Migrate the',
      '5. Swap cinder_scheduler',
      '6. Swap cinder_volume',
      '7. Swap cinder_api',
    ]);
  });

  test('findings that block stand first, each with its way out and the code by which the documentation knows it', () => {
    const plan = samplePlan({
      findings: [
        { code: 'disk', level: 'warn', text: 'Free space on control1 is not known' },
        {
          code: 'config-pair',
          level: 'block',
          text: 'The configuration of 2025.2 is not prepared.',
          wayOut: 'Say config: prepared once it is',
        },
      ],
    });
    expect(section(plan, 'Findings')).toEqual([
      'Blocks: The configuration of 2025.2 is not prepared. Say config: prepared once it is. (config-pair)',
      'Warning: Free space on control1 is not known. (disk)',
    ]);
    expect(dryRunView(plan).summary).toBe(
      'cinder 2025.1 → 2025.2: 1 finding would block it. Nothing was started.',
    );
  });

  test('typed reasons of overrides are shown word for word', () => {
    expect(
      section(
        samplePlan({ overrides: { jump: 'tested in staging', backup: 'galera dump on nas1' } }),
        'Overrides',
      ),
    ).toEqual([
      'OpenStack does not support this jump. It is made all the same, because: “tested in staging”',
      'Word given for a database backup: “galera dump on nas1”',
    ]);
  });

  test('the point of no return says what Finalize does', () => {
    const lines = section(samplePlan(), 'Point of no return');
    expect(lines[0]).toBe(
      'Finalize, which has a button and approvals of its own and is not part of the upgrade. It does this:',
    );
    expect(lines.at(-1)).toContain('6. Remove the kept old container of cinder_api on control1');
  });

  test('hazards of the catalogue are printed', () => {
    expect(section(samplePlan({ hazards: ['Uploads in flight are lost'] }), 'Hazards')).toEqual([
      'Uploads in flight are lost.',
    ]);
  });
});

describe('what is interrupted', () => {
  const lines = (change: Partial<Plan>) => interruptionLines(samplePlan(change)).map(plain);
  const oneApi =
    'There is one API container: the API does not answer from its stop until the new one is healthy.';

  test.each([
    [[], 'How long is not measured yet on this cloud.'],
    [[4_200], 'The API was away for 4.2 s in the one earlier run.'],
    [[9_000, 3_000, 4_200], 'The API was away for 4.2 s (median of 3 earlier runs, from 3 s to 9 s).'],
    [[2_000, 4_000], 'The API was away for 3 s (median of 2 earlier runs, from 2 s to 4 s).'],
  ])('with earlier gaps of %j ms it says: %s', (earlierDowntimeMs, sentence) => {
    expect(lines({ earlierDowntimeMs })[0]).toBe(`${oneApi} ${sentence}`);
  });

  test('several API containers are swapped one after another', () => {
    const steps = ['control1', 'control2'].map((host) =>
      swapOf('cinder_api', { old: seen('cinder_api', { host }) }),
    );
    expect(lines({ steps })).toEqual([
      'The 2 API containers are swapped one after another; the others keep answering where a load balancer stands before them. How long is not measured yet on this cloud.',
    ]);
  });

  test('workers are named as what pauses', () => {
    expect(lines({})[1]).toBe(
      'While it is swapped, each of these does no work: cinder_scheduler and cinder_volume.',
    );
  });
});

describe('what going back means', () => {
  const stages = (plan: Plan) => goingBackLines(plan).map(plain);

  test('class B goes back by one click until Finalize, on the grown schema', () => {
    expect(stages(samplePlan())).toEqual([
      'Before the migration: Nothing has changed yet; what was pulled stays, all else is as it was.',
      'After the migration: The schema has only grown: the old version runs on it. The migration itself is not undone.',
      'After a swap: One click starts the kept old containers again; the database stays as the migration left it.',
      'After Finalize: Not by a click: the old containers are gone. 2025.1 would have to be deployed again, with the database restored.',
    ]);
  });

  test('class D says that there is no one-click rollback once the schema revision has moved', () => {
    const plan = samplePlan({
      rollbackClass: 'D',
      steps: [migrateOf({ oneWay: true }), swapOf('cinder_api')],
    });
    expect(stages(plan)[1]).toContain('Once the schema revision has moved, there is no one-click rollback');
    expect(stages(plan)[2]).toBe(
      'After a swap: As after the migration: one click only if the schema revision has not moved.',
    );
  });

  test('without a migration even class D goes back by one click', () => {
    expect(stages(samplePlan({ rollbackClass: 'D', steps: [swapOf('glance_api')] }))).toEqual([
      'Before the first swap: Nothing has changed yet; what was pulled stays, all else is as it was.',
      'After a swap: One click starts the kept old containers again.',
      'After Finalize: Not by a click: the old containers are gone. 2025.1 would have to be deployed again.',
    ]);
  });
});

describe('the approval of a plan', () => {
  const lastLines = (reply: Reply, number: number) => listsOf(reply).slice(-number);

  test('while it waits it says how many, until when, and who may not', () => {
    const run = runAt('proposed', { quorum: 2, after: [{ kind: 'approved', by: olga, fingerprint: 'f' }] });
    expect(lastLines(planView(run), 3)).toEqual([
      '1 of 2 approvals: approved by Olga at 2026-11-22T10:00:01.000Z. Waits until 2026-11-22T10:30:00.000Z.',
      'Approvers may answer; Erin asked, and so may not approve.',
      `An approval counts for this plan only (${run.fingerprint.slice(0, 12)}): if what is there changes, it is void.`,
    ]);
  });

  test('where the policy lets the requester count, it says so', () => {
    expect(lastLines(planView(runAt('proposed', { requesterCounts: true })), 2)[0]).toBe(
      'Approvers may answer, and Erin, who asked, counts as one if approver.',
    );
  });

  test('its buttons are Approve, Reject and Cancel; Approve binds to the plan that was seen', () => {
    const run = runAt('proposed');
    expect(buttonsOf(planView(run)).map(({ label, verb, ref, style }) => [label, verb, ref, style])).toEqual([
      ['Approve', 'approve', `r1:${run.fingerprint.slice(0, 12)}`, 'primary'],
      ['Reject', 'reject', 'r1', 'danger'],
      ['Cancel', 'cancel', 'r1', undefined],
    ]);
  });

  test.each([
    ['approved', 'Approved by Olga at 2026-11-22T10:00:01.000Z.'],
    ['upgraded', 'Approved by Olga at 2026-11-22T10:00:01.000Z.'],
    ['rejected', 'Rejected by Olga at 2026-11-22T10:00:01.000Z: not during the day.'],
    ['cancelled', 'Cancelled by Erin at 2026-11-22T10:00:01.000Z.'],
    ['expired', 'Expired at 2026-11-22T10:00:01.000Z, with 0 of 1 approval.'],
  ] as const)('once %s, who and when stand where the buttons were', (phase, sentence) => {
    const reply = planView(runAt(phase));
    expect(buttonsOf(reply).map(({ verb }) => verb)).toEqual(
      phase === 'approved' ? ['withdraw', 'cancel'] : [],
    );
    expect(lastLines(reply, 1)).toEqual([sentence]);
  });

  test('an approval that was given can be withdrawn by a click', () => {
    const run = runAt('proposed', { quorum: 2, after: [{ kind: 'approved', by: olga, fingerprint: 'f' }] });
    expect(buttonsOf(planView(run)).map(({ verb }) => verb)).toEqual([
      'approve',
      'reject',
      'cancel',
      'withdraw',
    ]);
  });

  test('two approvals name both people and the door of the one at the command line', () => {
    expect(lastLines(planView(runAt('upgraded', { quorum: 2 })), 1)).toEqual([
      'Approved by Olga at 2026-11-22T10:00:01.000Z and Adam (command line) at 2026-11-22T10:00:02.000Z.',
    ]);
  });

  test('broken glass is named with its reason', () => {
    const run = runAt('proposed', { after: [{ kind: 'broke-glass', by: olga, reason: 'API down' }] });
    expect(lastLines(planView(run), 1)).toEqual([
      'Started without approvals by Olga, who broke the glass: API down.',
    ]);
  });

  test('a dry run has nothing to click and says what to type', () => {
    const reply = dryRunView(samplePlan());
    expect(buttonsOf(reply)).toEqual([]);
    expect(reply.blocks.at(-1)).toEqual({
      kind: 'small',
      line: ['To ask for it: ', { code: 'upgrade cinder to 2025.2' }, '.'],
    });
  });

  test('what a dry run says to type asks for that very plan: its tag, and the words that were given', () => {
    const plan = samplePlan({
      to: { release: '2025.2', tag: '2025.2-ubuntu-noble' },
      overrides: { jump: 'lab rehearsal', backup: 'the "nightly" dump' },
    });
    expect(dryRunView(plan).blocks.at(-1)).toMatchObject({
      line: [
        'To ask for it: ',
        {
          code: `upgrade cinder to 2025.2-ubuntu-noble override "lab rehearsal" backup 'the "nightly" dump'`,
        },
        '.',
      ],
    });
  });
});
