import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/plan/plan.js';
import { fingerprintOf } from '../../../src/plan/plan.js';
import type { RunEvent } from '../../../src/run/event.js';
import { samplePlan } from '../../builders.js';
import { keepBooks } from './books.js';
import { judgeEnd, originalsOf } from './end.js';
import { foreignHand } from './foreign.js';
import { ANN, BOB } from './people.js';
import { play } from './play.js';
import { type Stage, setStage, type Wish } from './stage.js';
import { judgeThread } from './thread.js';
import { watchHosts } from './watch.js';

/** One placement API on one host, owned by the engine, with a neighbour; nothing goes wrong by itself. */
const PLAIN: Wish = {
  shape: {
    service: 'placement',
    hosts: 1,
    owner: 'engine',
    restartPolicy: 'always',
    crossing: false,
    configs: false,
    haproxy: false,
    neighbour: true,
    prefix: '',
    target: 'good',
    approvals: 2,
    requesterCounts: false,
  },
  trouble: { budget: 0, spells: [] },
};

const watched = async () => {
  const stage = await setStage(1, PLAIN);
  const foreign = foreignHand(stage);
  const originals = await originalsOf(stage);
  watchHosts(stage, foreign);
  keepBooks(stage);
  const engine = stage.scene.cloud.engine('node1');
  const old = await engine.inspect('placement_api');
  if (!old) throw new Error('the scene has no placement API');
  return { stage, foreign, originals, engine, old, wrong: stage.diary.wrong };
};

const requested = (plan: Plan, quorum: number): RunEvent => ({
  kind: 'requested',
  plan,
  fingerprint: fingerprintOf(plan),
  by: ANN,
  quorum,
  requesterCounts: false,
  expiresAt: '2026-01-02T00:00:00Z',
  onFailure: 'ask',
});

const approval = (plan: Plan): RunEvent => ({ kind: 'approved', by: BOB, fingerprint: fingerprintOf(plan) });

/** A run that was approved, has begun, and has journaled that it is about to rename a container; answers with that event. */
const beganToRename = async ({ kept }: Stage, target: string) => {
  const plan = samplePlan();
  const call = { kind: 'call', part: 'steps', index: 0, host: 'node1', op: 'rename', target } as const;
  for (const event of [requested(plan, 1), approval(plan), { kind: 'started' } as const, call])
    await kept.append('r1', event);
  return call;
};

describe('a bot that does what it must not is caught', () => {
  test('I1: it starts a second one beside the first', async () => {
    const { engine, old, wrong } = await watched();
    const body = { ...old.Config, HostConfig: old.HostConfig };
    await engine.start(await engine.create('placement_api__swap_r1', { body, connect: [] }));
    expect(wrong.join()).toContain('I1: placement_api and placement_api__swap_r1 run at once on node1');
  });

  test('I2 and I5: it removes the only one', async () => {
    const { engine, old, wrong } = await watched();
    await engine.stop(old.Id, 1);
    await engine.remove(old.Id);
    expect(wrong.join()).toContain('I2: no startable container of placement_api is left on node1');
    expect(wrong.join()).toContain('I5: placement_api on node1 was removed outside of Finalize');
  });

  test('I5: it stops a neighbour', async () => {
    const { engine, wrong } = await watched();
    await engine.stop('glance_api', 1);
    expect(wrong.join()).toContain('I5: stop touched glance_api on node1, which is not of this service');
  });

  test('I5: a volume is gone', async () => {
    const { stage, engine, old, wrong } = await watched();
    stage.scene.cloud.host('node1').volumes.delete('kolla_logs');
    await engine.rename(old.Id, 'placement_api__prev_r1');
    expect(wrong.join()).toContain('I5: volume kolla_logs on node1 was removed');
  });

  test('I5: it touches what somebody else made', async () => {
    const { stage, foreign, engine, old, wrong } = await watched();
    await stage.scene.cloud.operator('node1').rename(old.Id, 'put_away');
    while (foreign.theirs.size === 0) await foreign.meddle('node1');
    await engine.stop('placement_api', 1);
    expect(wrong.join()).toContain('which is somebody else');
  });

  test('I8: a call without an intent, and an intent of which nobody hears again', async () => {
    const { stage, engine, old, wrong } = await watched();
    await engine.rename(old.Id, 'placement_api__prev_r1');
    expect(wrong.join()).toContain('I8: rename placement_api on node1 has no intent in the journal');
    const call = await beganToRename(stage, 'placement_api');
    await engine.rename(old.Id, 'placement_api');
    await stage.kept.append('r1', { ...call, op: 'stop' });
    expect(wrong.join()).toContain('I8: run r1 never said what became of "rename placement_api"');
  });

  test('I8: a call under an intent that names another container', async () => {
    const { stage, engine, old, wrong } = await watched();
    await beganToRename(stage, 'cinder_api');
    await engine.rename(old.Id, 'placement_api__prev_r1');
    expect(wrong.join()).toContain('I8: rename placement_api on node1 has no intent in the journal');
  });

  test('I7: it goes forward again after the decision to go back, and acts after the end', async () => {
    const { stage, wrong } = await watched();
    const plan = samplePlan();
    const events: readonly RunEvent[] = [
      requested(plan, 1),
      approval(plan),
      { kind: 'started' },
      { kind: 'rollback', by: BOB, why: 'asked for' },
      { kind: 'step-started', part: 'steps', index: 0 },
      { kind: 'step-started', part: 'steps', index: 1 },
      { kind: 'rolled-back', ms: 1 },
      { kind: 'step-done', part: 'steps', index: 0, ms: 1 },
    ];
    for (const event of events) await stage.kept.append('r1', event);
    expect(wrong.join()).toContain('I7: run r1 went forward again (step-started)');
    expect(wrong.join()).toContain('I7: run r1 was over, and then came step-done');
  });

  test('I9: two runs of one service are open', async () => {
    const { stage, wrong } = await watched();
    for (const id of ['r1', 'r2']) await stage.kept.append(id, requested(samplePlan(), 2));
    expect(wrong).toEqual(['I9: r1 (proposed) and r2 (proposed) are open at once']);
  });

  test('I10: it begins with fewer approvals than the policy asks for, or with another plan', async () => {
    const { stage, wrong } = await watched();
    const plan = samplePlan();
    const other = { ...requested(plan, 1), fingerprint: 'f'.repeat(64) } as RunEvent;
    for (const event of [other, approval(plan), { kind: 'started' } as const])
      await stage.kept.append('r1', event);
    expect(wrong).toEqual([
      'I10: run r1 began with 1 approvals that count',
      'I10: the plan of run r1 is not the one whose fingerprint was approved',
    ]);
  });
});

describe('an end that is none is caught', () => {
  const endOf = async (spoil: (world: Awaited<ReturnType<typeof watched>>) => Promise<unknown>) => {
    const world = await watched();
    await spoil(world);
    return (await judgeEnd(world.stage, world.foreign, world.originals)).join('\n');
  };

  test('all is as it was: nothing is wrong', async () => {
    expect(await endOf(async () => undefined)).toBe('');
  });

  test('I3: it does not run, or nothing bears the name', async () => {
    expect(await endOf(({ engine, old }) => engine.stop(old.Id, 1))).toBe(
      'I3: placement_api on node1 is exited',
    );
    expect(await endOf(({ engine, old }) => engine.rename(old.Id, 'elsewhere'))).toBe(
      'I3: no container bears the name placement_api on node1',
    );
  });

  test('I4: it has another restart policy', async () => {
    const changed = endOf(({ engine, old }) =>
      engine.setRestartPolicy(old.Id, { Name: 'no', MaximumRetryCount: 0 }),
    );
    expect(await changed).toContain('I4: placement_api on node1 has the restart policy "no", not "always"');
  });

  test('I6: something of a run is left', async () => {
    const left = endOf(({ engine, old }) =>
      engine.create('placement_api__swap_r1', {
        body: { ...old.Config, HostConfig: old.HostConfig },
        connect: [],
      }),
    );
    expect(await left).toBe('I6: placement_api__swap_r1 is left on node1');
  });

  test('I11: a run of which Slack shows nothing', async () => {
    const { stage } = await watched();
    await stage.kept.append('r1', requested(samplePlan(), 1));
    expect(judgeThread(stage)).toEqual([
      'I11: the root message of run r1 (proposed) is not in Slack',
      'I11: the plan message of run r1 (proposed) is not in Slack',
    ]);
  });

  test('I11: a button that is not the run’s any more', async () => {
    const { stage } = await watched();
    const elements = [{ type: 'button', action_id: 'stackswap:approve', value: 'r1:abc' }];
    await stage.slack.chat.postMessage({
      channel: 'C0OPS',
      text: 'x',
      blocks: [{ type: 'actions', elements }],
    });
    expect(judgeThread(stage).join()).toContain('still has a button "approve r1:abc"');
  });

  test('I12: a run that no answer of people brings to an end', async () => {
    const { why } = await play(1, {
      ...PLAIN,
      shape: { ...PLAIN.shape, approvals: 4, expires: '900h' },
      trouble: { budget: 0, untilMs: 20_000, spells: [] },
    });
    expect(why).toEqual(['I12: people answered all that was asked, and the run is proposed']);
  });
});
