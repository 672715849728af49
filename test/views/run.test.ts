import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/command.js';
import { PHASES, type Phase } from '../../src/run/phase.js';
import type { Run } from '../../src/run/run.js';
import {
  askView,
  healthView,
  historyView,
  progressView,
  resultView,
  rootView,
  runView,
} from '../../src/views/index.js';
import { plain } from '../../src/views/words.js';
import {
  bystandersOf,
  downtimeOf,
  healthOf,
  migrateOf,
  type RunChoices,
  runAt,
  samplePlan,
  stepsDone,
  swapOf,
  theBot,
} from '../builders.js';

const buttonsOf = (reply: Reply) =>
  reply.blocks.flatMap((block) => (block.kind === 'buttons' ? block.buttons : []));
const labels = (reply: Reply) => buttonsOf(reply).map((button) => button.label);
const sentences = (reply: Reply): readonly string[] =>
  reply.blocks.flatMap((block) => {
    if (block.kind === 'list') return block.lines.map(plain);
    return block.kind === 'line' || block.kind === 'small' ? [plain(block.line)] : [];
  });
const outputs = (reply: Reply) =>
  reply.blocks.flatMap((block) => (block.kind === 'output' ? [block.text] : []));

/** A glance-like run of class D whose one-way migration ended with these revisions. */
const oneWayRun = (before: string | null, after: string | null): Run => {
  const plan = samplePlan({ rollbackClass: 'D', steps: [migrateOf({ oneWay: true }), swapOf('cinder_api')] });
  return runAt('approved', {
    plan,
    after: [
      { kind: 'started' },
      { kind: 'step-started', part: 'steps', index: 0 },
      { kind: 'revision', part: 'steps', index: 0, at: 'before', revision: before },
      { kind: 'migrated', part: 'steps', index: 0, exitCode: 0, tail: '', ms: 5 },
      { kind: 'revision', part: 'steps', index: 0, at: 'after', revision: after },
      { kind: 'step-done', part: 'steps', index: 0, ms: 5 },
    ],
  });
};

describe('the buttons of a run', () => {
  const expected: Partial<Record<Phase, readonly string[]>> = {
    running: ['Roll back'],
    paused: ['Resume', 'Roll back'],
    interrupted: ['Resume', 'Roll back'],
    stuck: ['Resume'],
    upgraded: ['Finalize', 'Roll back'],
    'finalize-failed': ['Finalize', 'Roll back'],
  };

  test.each(PHASES.map((phase) => [phase, expected[phase] ?? []] as const))(
    'in phase %s they are %j',
    (phase, wanted) => {
      expect(labels(rootView(runAt(phase)))).toEqual(wanted);
    },
  );

  test('Roll back says what it will do, in no more than Slack shows', () => {
    const button = buttonsOf(rootView(runAt('upgraded'))).find(({ label }) => label === 'Roll back');
    expect(button).toMatchObject({
      verb: 'rollback',
      ref: 'r1',
      style: 'danger',
      confirm: { title: 'Roll cinder back?' },
    });
    expect(button?.confirm?.text).toBe(
      '3 containers of cinder will be stopped, and the kept 2025.1 started again: no pull, no create. The API is away meanwhile. Migrations are not undone. The service is then on hold, and this run never goes forward again.',
    );
  });

  test('confirm texts keep to 300 characters, however long the names are', () => {
    const plan = samplePlan({
      service: 's'.repeat(200),
      from: { release: null, tags: ['t'.repeat(128), 'u'.repeat(128)] },
    });
    const buttons = buttonsOf(rootView(runAt('upgraded', { plan })));
    expect(
      buttons.map(
        ({ confirm }) => (confirm?.text.length ?? 999) <= 300 && (confirm?.title.length ?? 999) <= 100,
      ),
    ).toEqual([true, true]);
  });

  test.each([
    ['a1', 'b2', []],
    ['a1', null, []],
    [null, null, []],
    ['a1', 'a1', ['Roll back']],
  ])('class D, schema revision %s then %s: %j', (before, after, wanted) => {
    expect(labels(rootView(oneWayRun(before, after)))).toEqual(wanted);
  });

  test('where the schema has moved, the message says why one button is missing', () => {
    expect(sentences(rootView(oneWayRun('a1', 'b2'))).join('\n')).toContain(
      'No one-click rollback: "cinder-manage db sync" moved the schema of cinder',
    );
  });

  test('once Finalize has begun its migration, its failure offers no way back', () => {
    const plan = samplePlan();
    const after = [
      ...stepsDone(plan, 'finalize', 2),
      { kind: 'step-started' as const, part: 'finalize' as const, index: 2 },
    ];
    const run = runAt('finalizing', {
      plan,
      after: [...after, { kind: 'finalize-failed', why: 'exit code 1' }],
    });
    expect(labels(rootView(run))).toEqual(['Finalize']);
  });

  test('an interrupted roll back can only be resumed', () => {
    expect(labels(rootView(runAt('rolling-back', { after: [{ kind: 'interrupted' }] })))).toEqual(['Resume']);
  });

  test('a question offers only the choices that were journaled', () => {
    expect(
      labels(
        askView(
          runAt('running', {
            after: [{ kind: 'asked', why: 'glance answers no more', choices: ['rollback'] }],
          }),
        ),
      ),
    ).toEqual(['Roll back']);
  });
});

describe('the message in the channel', () => {
  test('an upgraded run tells health, downtime and duration', () => {
    expect(sentences(rootView(runAt('upgraded')))).toEqual([
      '🟢 cinder 2025.1 → 2025.2: upgraded, can be rolled back until Finalize',
      '3 of 3 containers healthy · API away for 4.2 s · upgraded in 1 min 35 s.',
      'Asked for by Erin at 2026-11-22T10:00:00.000Z · run r1',
    ]);
  });

  test('its summary is one sentence without any mark', () => {
    expect(rootView(runAt('proposed', { quorum: 2 })).summary).toBe(
      'cinder 2025.1 → 2025.2: waiting for approval (0 of 2). Asked for by Erin.',
    );
  });

  test('an override is visible to those who only see the channel', () => {
    const run = runAt('proposed', { plan: samplePlan({ overrides: { jump: 'tested in staging' } }) });
    expect(sentences(rootView(run))).toContain('Override: unsupported jump, because “tested in staging”');
  });

  test('while Finalize waits for its quorum it says who agreed', () => {
    const run = runAt('upgraded', {
      quorum: 2,
      after: [{ kind: 'finalize-approved', by: { id: 'olga', name: 'Olga', door: 'slack' } }],
    });
    expect(sentences(rootView(run))).toContain('Finalize: 1 of 2 approvals, by Olga.');
  });

  test('once finalized, who and when stand where the button was', () => {
    expect(sentences(rootView(runAt('finalized'))).filter((line) => line.startsWith('Finalized'))).toEqual([
      expect.stringMatching(/^Finalized by Olga.* at 2026-11-22T[\d:.]+Z\.$/),
    ]);
  });
});

describe('live progress', () => {
  const tasksOf = (run: Run) =>
    progressView(run).blocks.flatMap((block) => (block.kind === 'tasks' ? block.tasks : []));

  test('each step is a task: done with seconds, the current one with its call', () => {
    expect(tasksOf(runAt('running')).map(({ title, status, detail }) => [title, status, detail])).toEqual([
      ['1. Pull cinder-scheduler on control1', 'complete', '1 s'],
      ['2. Pull cinder-volume on control1', 'complete', '1 s'],
      ['3. Pull cinder-api on control1', 'complete', '1 s'],
      [
        '4. Migrate the database: expand (cinder-manage db sync)',
        'complete',
        '4 s, exit code 0, schema c92a3e68beed → 9c74c1c6971f',
      ],
      ['5. Swap cinder_scheduler on control1', 'complete', '4 s, healthy after 12.3 s'],
      ['6. Swap cinder_volume on control1', 'complete', '4 s, healthy after 12.3 s'],
      ['7. Swap cinder_api on control1', 'in_progress', 'stop cinder_api'],
    ]);
  });

  test('a failed step is an error and says why, an undone one says so', () => {
    const failed = runAt('running', {
      after: [{ kind: 'step-failed', part: 'steps', index: 6, why: 'no answer on\nport 8776' }],
    });
    expect(tasksOf(failed).at(-1)).toMatchObject({ status: 'error', detail: 'no answer on port 8776' });
    expect(tasksOf(runAt('rolled-back')).at(-1)).toMatchObject({
      title: '7. Swap cinder_api on control1 (undone)',
      status: 'pending',
    });
  });

  test('while Finalize is under way, its own steps are shown', () => {
    expect(tasksOf(runAt('finalizing')).map(({ id }) => id)).toEqual([
      'finalize-0',
      'finalize-1',
      'finalize-2',
      'finalize-3',
      'finalize-4',
      'finalize-5',
    ]);
  });
});

describe('health', () => {
  test('is told per container and per probe, with times', () => {
    const [, list] = healthView(runAt('upgraded')).blocks;
    expect(list?.kind === 'list' && list.lines.map(plain)[2]).toBe(
      'cinder_api on control1: healthy after 12.3 s. healthcheck command 2.1 s (exit code 0) · HTTP answer 3.4 s (200 from /healthcheck) · steadiness 0 s (not restarted)',
    );
  });

  test('a container that is not healthy is named in the summary', () => {
    const run = runAt('running', {
      after: [
        {
          kind: 'health',
          part: 'steps',
          index: 6,
          report: healthOf('cinder_api', { outcome: 'inconclusive' }),
        },
      ],
    });
    expect(healthView(run).summary).toBe(
      'Health of cinder: 2 of 3 containers healthy: cinder_api on control1 inconclusive.',
    );
  });

  test('before anything was judged it says so', () => {
    expect(healthView(runAt('approved')).summary).toBe('Health of cinder: nothing was judged so far.');
  });
});

describe('how a run ended', () => {
  const result = (phase: Phase, choices: RunChoices = {}) => sentences(resultView(runAt(phase, choices)));

  test('upgraded: what was measured, who was not touched, what comes next', () => {
    expect(result('upgraded').slice(0, -1)).toEqual([
      'cinder runs 2025.2, after 1 min 35 s. The old containers are kept, stopped.',
      'Health: 3 of 3 containers healthy.',
      'cinder API on control1: away for 4.2 s; 84 of 564 questions failed (measured every 50 ms).',
      'Bystanders: 17 other containers watched, none was recreated or restarted. 1 other API answered before and after.',
      "Container settings: equal to the old one's on 3 containers, by the written comparison.",
      'Next: Finalize keeps the new version for good and removes the old containers; Roll back starts the old ones again. Both are buttons on the run’s message in the channel, and verbs.',
    ]);
  });

  test.each([
    [
      { reachable: false, longestGapMs: 0 },
      'cinder API on control1: not reachable from here, so its downtime was not measured.',
    ],
    [{ longestGapMs: 0 }, 'cinder API on control1: no answer was missed (measured every 50 ms).'],
    [
      { longestGapMs: 190_000 },
      'cinder API on control1: away for 3 min 10 s; 84 of 564 questions failed (measured every 50 ms).',
    ],
  ])('a downtime report of %j reads: %s', (change, sentence) => {
    expect(
      result('upgraded', {
        after: [{ kind: 'downtime', part: 'steps', index: 6, report: downtimeOf(change) }],
      }),
    ).toContain(sentence);
  });

  test('an API that has no address to be watched at is no downtime of zero', () => {
    const plan = samplePlan({ steps: [swapOf('cinder_api', { probeUrl: null })], finalize: [] });
    expect(result('upgraded', { plan })).toContain(
      'Downtime was not measured: the host has no api_address in the settings, so its API is not reachable from here.',
    );
  });

  test('bystanders that changed, failed or fell silent are named', () => {
    const report = bystandersOf({
      changed: ['nova_api on control1'],
      failed: ['nova_api on control1'],
      apis: [{ service: 'nova', host: 'control1', before: true, after: false }],
    });
    expect(result('upgraded', { after: [{ kind: 'bystanders', report }] })).toContain(
      'Bystanders: 17 other containers watched, recreated or restarted: nova_api on control1. Failed since: nova_api on control1. No longer answering: nova on control1.',
    );
  });

  test('differences that the comparison found are named', () => {
    const after = [
      {
        kind: 'compared' as const,
        host: 'control1',
        name: 'cinder_api',
        differences: ['HostConfig.Ulimits'],
      },
    ];
    expect(result('upgraded', { after })).toContain(
      'Configuration differs: cinder_api on control1: HostConfig.Ulimits',
    );
  });

  test('rolled back: why, by whom, and that the service is on hold', () => {
    const lines = result('rolled-back');
    expect(lines.slice(0, 2)).toEqual([
      'cinder is back on 2025.1, after 6.4 s, decided by Stackswap.',
      'Why: cinder_api did not become healthy.',
    ]);
    expect(lines).toContain('Next: the service is on hold until a person releases it with unhold cinder.');
  });

  test('stuck: the exact commands stand in an output block', () => {
    expect(outputs(resultView(runAt('stuck')))[0]).toBe(
      'docker rename cinder_api__prev_r1 cinder_api\ndocker start cinder_api',
    );
  });

  test.each([
    ['failed', 'Nothing was changed: every container is the one it was.'],
    ['rejected', 'Rejected by Olga at 2026-11-22T10:00:01.000Z: not during the day.'],
    ['voided', 'Why: cinder_api was recreated since the plan was made.'],
    ['finalize-failed', 'Why: the online migration ended with exit code 1.'],
    [
      'finalized',
      'cinder stays on 2025.2. The old containers are removed, and there is no one-click way back any more.',
    ],
  ] as const)('%s: %s', (phase, sentence) => {
    expect(result(phase)).toContain(sentence);
  });

  test('what a container printed stands in output blocks and nowhere else', () => {
    const evil = '<!channel> *pwned*\nsecond line';
    const plan = samplePlan();
    const run = runAt('rolling-back', {
      plan,
      after: [
        { kind: 'migrated', part: 'steps', index: 3, exitCode: 1, tail: evil, ms: 1 },
        { kind: 'kept-log', index: 6, tail: evil },
        { kind: 'rolled-back', ms: 5 },
      ],
    });
    const reply = resultView(run);
    expect(outputs(reply)).toEqual([evil, evil]);
    const others = { ...reply, blocks: reply.blocks.filter((block) => block.kind !== 'output') };
    expect(JSON.stringify([others, rootView(run), progressView(run)])).not.toContain('pwned');
  });

  test.each([
    ['what the failed migration printed', 3, ['exit code 1']],
    ['nothing of a migration that is done', 6, []],
  ])('a question shows %s', (_what, index, shown) => {
    const run = runAt('running', {
      after: [
        { kind: 'migrated', part: 'steps', index: 3, exitCode: 1, tail: 'exit code 1', ms: 1 },
        { kind: 'step-failed', part: 'steps', index, why: 'it failed' },
        { kind: 'asked', why: 'it failed', choices: ['resume'] },
      ],
    });
    expect(outputs(askView(run))).toEqual(shown);
  });
});

describe('short answers', () => {
  test.each(PHASES)('a run in phase %s has a summary in each view, and no block is empty', (phase) => {
    const run = runAt(phase, { after: phase === 'rolling-back' ? [{ kind: 'noted', text: 'a note' }] : [] });
    const replies = [
      rootView(run),
      progressView(run),
      healthView(run),
      resultView(run),
      askView(run),
      runView(run),
    ];
    expect(replies.filter((reply) => reply.summary.trim() === '' || reply.blocks.length === 0)).toEqual([]);
    expect(
      replies
        .flatMap((reply) => reply.blocks)
        .filter((block) => block.kind === 'list' && block.lines.length === 0),
    ).toEqual([]);
  });

  test('an answer names its run, so that a door can follow it', () => {
    expect(runView(runAt('proposed')).run).toBe('r1');
  });

  test('history is a table, newest first, with measured downtime', () => {
    const [, table] = historyView([runAt('upgraded'), runAt('rejected', { id: 'r0', by: theBot })]).blocks;
    expect(table?.kind === 'table' && table.rows).toEqual([
      [
        'r1',
        'cinder',
        '2025.1 → 2025.2',
        'upgraded, can be rolled back until Finalize',
        'Erin',
        '2026-11-22 10:00',
        'upgraded in 1 min 35 s',
        'API away for 4.2 s',
      ],
      ['r0', 'cinder', '2025.1 → 2025.2', 'rejected', 'Stackswap', '2026-11-22 10:00', '', ''],
    ]);
  });
});
