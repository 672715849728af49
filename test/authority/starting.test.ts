import { describe, expect, test } from 'vitest';
import { CannotTell, type Directory, LISTED_ONLY, outOfReach } from '../../src/authority/directory.js';
import type { Actor, RunEvent } from '../../src/run/event.js';
import { virtualClock } from '../../src/sim/clock.js';
import { memoryJournal } from '../../src/store/memory.js';
import { rootView } from '../../src/views/index.js';
import { ANN, BOB, bornOver, cinderCloud, type KollaOptions, running, withoutPorts } from '../run/scene.js';

const DEE: Actor = { id: 'U0DEE', name: 'Dee', door: 'slack' };
const ANN_AT_HOME: Actor = { id: 'ann', name: 'Ann', door: 'cli' };
const BOB_AT_HOME: Actor = { id: 'bob', name: 'Bob', door: 'cli' };
const REASON = 'the API is down and nobody answers the phone';
const CINDER = { service: 'cinder', to: '2025.2', overrides: {} };

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator', 'approver', 'breakglass'] },
  { name: 'Bob', slack: 'U0BOB', login: 'bob', roles: ['approver'] },
  { name: 'Dee', slack: 'U0DEE', roles: ['approver'] },
  { name: 'On call', slack_group: 'S0CALL', roles: ['approver'] },
];

/** A Slack that tests change while a run is being decided. */
const changing = () => {
  const unfit = new Map<string, string>();
  const groups = new Map<string, readonly string[]>();
  let away: CannotTell | undefined;
  let outsiders: string | undefined;
  let after = { lookups: Number.POSITIVE_INFINITY, act: (): void => undefined };
  const counted = (): void => {
    after = { ...after, lookups: after.lookups - 1 };
    if (after.lookups === 0) after.act();
  };
  const told = <T>(answer: T): T => {
    if (away) throw away;
    return answer;
  };
  const directory: Directory = {
    account: async ({ id }) => {
      const answer = told(unfit.has(id) ? { unfit: unfit.get(id) ?? '' } : {});
      counted();
      return answer;
    },
    membersOf: async (group) => told(groups.get(group) ?? []),
    outsiders: async () => told(outsiders),
    forget: () => undefined,
  };
  return {
    directory,
    deactivate: (id: string) => void unfit.set(id, 'has an account that was deactivated in Slack'),
    group: (id: string, ...members: readonly string[]) => void groups.set(id, members),
    share: () => {
      outsiders = 'people of another organisation can read #ops';
    },
    leave: (why = 'fetch failed', again = true) => {
      away = new CannotTell(why, again);
    },
    afterLookups: (lookups: number, act: () => void) => {
      after = { lookups, act };
    },
    comeBack: () => {
      away = undefined;
    },
  };
};

const scene = async (change: Record<string, unknown> = {}, cloudOptions: Partial<KollaOptions> = {}) => {
  const clock = virtualClock(Date.parse('2026-11-22T10:00:00.000Z'));
  const cloud = withoutPorts(
    await cinderCloud({ ...cloudOptions, clock, config: { people: PEOPLE, ...change } }),
  );
  const journal = memoryJournal({ clock: clock.now });
  const slack = changing();
  const life = await bornOver(cloud, journal, { directory: slack.directory });
  const kinds = async (id: string) => (await life.app.eventsOf(id)).map(({ event }) => event.kind);
  return { clock, cloud, journal, slack, kinds, app: life.app };
};

type Scene = Awaited<ReturnType<typeof scene>>;

/** Asked for by Ann; something happens right when the last approval is journaled; and the run comes to its end. */
const approvedWhile = async (
  { app, journal }: Scene,
  happening: () => void,
  approve: (id: string) => Promise<unknown> = (id) => app.approve(BOB, id),
) => {
  const { id } = await app.upgrade(ANN, CINDER);
  const stop = journal.subscribe(() => {
    if (journal.state().runs[id]?.phase !== 'approved') return;
    stop();
    happening();
  });
  await approve(id);
  return app.settled(id);
};

describe('between the approval and the start', () => {
  test('nothing happens, and the run starts', async () => {
    const one = await scene();
    expect((await approvedWhile(one, () => undefined)).phase).toBe('upgraded');
  });

  test.each([
    ['list', 1],
    ['inspect', 3],
  ])(
    'a host loses its answer to %s (%i times): the hosts are looked at again, and the run starts',
    async (lost, times) => {
      const one = await scene();
      let left = times;
      const run = await approvedWhile(one, () =>
        one.cloud.cloud.inject(({ call }) => {
          if (call !== lost || left === 0) return 'ok';
          left -= 1;
          return 'lose-answer';
        }),
      );
      expect([run.phase, left]).toEqual(['upgraded', 0]);
    },
  );

  test('a host answers no more: after half a minute the run is void, and nothing was changed', async () => {
    const one = await scene();
    const before = one.clock.now();
    const run = await approvedWhile(one, () =>
      one.cloud.cloud.inject(({ host }) => (host === 'node1' ? 'lose-answer' : 'ok')),
    );
    expect(run.phase).toBe('voided');
    expect(run.why).toContain('node1 does not answer');
    expect(one.clock.now() - before).toBeGreaterThanOrEqual(25_000);
    one.cloud.cloud.inject(undefined);
    expect((await running(one.cloud)).cinder_api).toContain('2025.1');
  });

  test('the approver’s account is deactivated: the approval is void and nothing was changed', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => one.slack.deactivate('U0BOB'));
    expect([run.phase, run.why]).toEqual(['voided', '0 of 1 approvals still count']);
    expect((await running(one.cloud)).cinder_api).toContain('2025.1');
  });

  test('the approver’s account is deactivated while the hosts are looked at: the approval is void', async () => {
    const one = await scene();
    // Who asked and who approved are looked up before the hosts, and once more after them.
    const run = await approvedWhile(one, () =>
      one.slack.afterLookups(2, () => one.slack.deactivate('U0BOB')),
    );
    expect([run.phase, run.why]).toEqual(['voided', '0 of 1 approvals still count']);
  });

  test('the account of who asked is deactivated: the run is void', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => one.slack.deactivate('U0ANN'));
    expect([run.phase, run.why]).toEqual(['voided', 'Ann, who asked for it, may not do that any more']);
  });

  test('the approver leaves the user group that made them one: the approval is void', async () => {
    const one = await scene();
    one.slack.group('S0CALL', 'U0NINA');
    const nina: Actor = { id: 'U0NINA', name: 'Nina', door: 'slack' };
    const leave = () => one.slack.group('S0CALL', 'U0ELSE');
    const run = await approvedWhile(one, leave, (id) => one.app.approve(nina, id));
    expect([run.phase, run.why]).toEqual(['voided', '0 of 1 approvals still count']);
  });

  test.each([
    ['right after the approval', (one: Scene) => one.slack.share()],
    ['while the hosts are looked at', (one: Scene) => one.slack.afterLookups(2, one.slack.share)],
  ])('the channel is shared with outsiders %s: the run is void', async (_when, share) => {
    const one = await scene();
    const run = await approvedWhile(one, () => share(one));
    expect([run.phase, run.why]).toEqual([
      'voided',
      'it was approved in Slack, and people of another organisation can read #ops',
    ]);
    expect((await running(one.cloud)).cinder_api).toContain('2025.1');
  });

  test('the channel is shared with outsiders, and all approvals came from the command line: the run starts', async () => {
    const one = await scene();
    const atHome = (id: string) => one.app.approve(BOB_AT_HOME, id);
    expect((await approvedWhile(one, one.slack.share, atHome)).phase).toBe('upgraded');
  });

  test('the bot is ended while Slack is away: nothing is said against the approvals', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    one.journal.subscribe(() => {
      if (one.journal.state().runs[id]?.phase === 'approved') one.slack.leave();
    });
    await one.app.approve(BOB, id);
    await one.clock.sleep(12_000);
    await one.app.close();
    expect((await one.journal.eventsOf(id)).map(({ event }) => event.kind)).toEqual([
      'requested',
      'approved',
    ]);
  });

  test('Slack goes away: the run waits, and starts once Slack says that the approver still may', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => {
      one.slack.leave();
      void one.clock.sleep(60_000).then(one.slack.comeBack);
    });
    expect(run.phase).toBe('upgraded');
    expect(Date.parse(run.startedAt ?? '') - Date.parse(run.approvedAt?.U0BOB ?? '')).toBeGreaterThan(59_000);
  });

  test('Slack goes away and an account is deactivated meanwhile: the run does not start', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => {
      one.slack.leave();
      void one.clock.sleep(60_000).then(() => {
        one.slack.deactivate('U0BOB');
        one.slack.comeBack();
      });
    });
    expect(run.phase).toBe('voided');
  });

  test('Slack stays away: ten minutes after the approval the run is void', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => one.slack.leave());
    expect([run.phase, run.why]).toEqual([
      'voided',
      'Slack does not say whether those who approved still may (fetch failed)',
    ]);
    const waited = Date.parse(run.endedAt ?? '') - Date.parse(run.approvedAt?.U0BOB ?? '');
    expect([waited > 590_000, waited <= 600_000]).toEqual([true, true]);
  });

  test('Slack says that it will not tell: the run is void at once', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => one.slack.leave('the scope users:read is missing', false));
    expect(run.phase).toBe('voided');
    expect(Date.parse(run.endedAt ?? '') - Date.parse(run.requestedAt)).toBeLessThan(60_000);
  });

  test('more time passes than the policy gives: the run is void', async () => {
    const one = await scene({ policy: { start_within: '5m' } });
    const late = await approvedWhile(one, () => one.clock.advance(301_000));
    expect([late.phase, late.why]).toEqual(['voided', 'the last approval was given too long ago']);
    const other = await scene({ policy: { start_within: '5m' } });
    expect((await approvedWhile(other, () => other.clock.advance(290_000))).phase).toBe('upgraded');
  });

  test.each([
    ['rejected', (one: Scene, id: string) => one.app.reject(DEE, id), 'rejected'],
    ['cancelled', (one: Scene, id: string) => one.app.cancel(ANN_AT_HOME, id), 'cancelled'],
    ['withdrawn from', (one: Scene, id: string) => one.app.withdraw(BOB, id), 'proposed'],
  ] as const)('a run that waits for Slack can still be %s', async (_what, act, phase) => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    one.slack.leave();
    await one.clock.sleep(12_000);
    expect(one.app.run(id).phase).toBe('approved');
    one.slack.comeBack();
    await act(one, id);
    expect((await one.app.settled(id)).phase).toBe(phase);
    expect(await one.kinds(id)).not.toContain('started');
  });

  test('an approval withdrawn and given again starts the run once', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    one.slack.leave();
    await one.clock.sleep(12_000);
    one.slack.comeBack();
    await one.app.withdraw(BOB, id);
    await one.app.approve(DEE, id);
    expect((await one.app.settled(id)).phase).toBe('upgraded');
    expect((await one.kinds(id)).filter((kind) => kind === 'started')).toEqual(['started']);
  });

  test('an approval that took the place of a withdrawn one is judged itself', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    one.slack.leave();
    await one.clock.sleep(12_000);
    one.slack.comeBack();
    await one.app.withdraw(BOB, id);
    await one.app.approve(DEE, id);
    one.slack.deactivate('U0DEE');
    expect(await one.app.settled(id)).toMatchObject({
      phase: 'voided',
      why: '0 of 1 approvals still count',
    });
  });

  test('approvals from the command line need no Slack', async () => {
    const one = await scene();
    one.slack.leave();
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    await one.app.approve(BOB_AT_HOME, id);
    expect((await one.app.settled(id)).phase).toBe('upgraded');
  });

  test('a process that cannot ask Slack does not start what was approved there', async () => {
    const clock = virtualClock();
    const cloud = withoutPorts(
      await cinderCloud({ clock, config: { people: PEOPLE, policy: { approvals: 2 } } }),
    );
    const journal = memoryJournal({ clock: clock.now });
    const bot = await bornOver(cloud, journal, { directory: LISTED_ONLY });
    const { id } = await bot.app.upgrade(ANN, CINDER);
    await bot.app.approve(DEE, id);
    const alone = await bornOver(cloud, journal, { directory: outOfReach('no bot runs here') });
    await expect(alone.app.approve(DEE, id)).rejects.toMatchObject({ code: 'cannot-tell' });
    await alone.app.approve(BOB_AT_HOME, id);
    const run = await alone.app.settled(id);
    expect([run.phase, run.why]).toEqual([
      'voided',
      'Slack does not say whether those who approved still may (no bot runs here)',
    ]);
  });
});

describe('a run that is going on', () => {
  test('goes on while Slack is away', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    one.journal.subscribe(() => {
      if (one.journal.state().runs[id]?.phase === 'running') one.slack.leave();
    });
    await one.app.approve(BOB, id);
    expect((await one.app.settled(id)).phase).toBe('upgraded');
    await expect(one.app.rollback(BOB, id)).rejects.toMatchObject({ code: 'cannot-tell' });
    await one.app.rollback(BOB_AT_HOME, id);
    expect((await one.app.settled(id)).phase).toBe('rolled-back');
  });

  test('of an approver who was deactivated in the middle of it goes on: the words counted when it began', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    one.journal.subscribe(() => {
      if (one.journal.state().runs[id]?.phase === 'running') one.slack.deactivate('U0BOB');
    });
    await one.app.approve(BOB, id);
    expect((await one.app.settled(id)).phase).toBe('upgraded');
    await expect(one.app.finalize(BOB, id)).rejects.toMatchObject({ code: 'not-allowed' });
  });
});

describe('a Finalize', () => {
  test.each([
    ['asks for as many words as the policy of now, where that wants more', { approvals: 2 }, 2],
    [
      'asks for as many words as when it was asked for, where the policy wants fewer now',
      { approvals: 1 },
      2,
    ],
  ])('%s', async (_what, policy, needed) => {
    const one = await scene({ policy: { approvals: 3 - policy.approvals } });
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    if (policy.approvals === 1) await one.app.approve(DEE, id);
    expect((await one.app.settled(id)).phase).toBe('upgraded');
    const config = { ...one.cloud.config, policy: { ...one.cloud.config.policy, ...policy } };
    const { app } = await bornOver({ ...one.cloud, config }, one.journal, {
      directory: one.slack.directory,
    });
    await app.finalize(BOB, id);
    expect([app.run(id).phase, app.run(id).finalizeOf]).toEqual(['upgraded', needed]);
    await expect(app.finalize(BOB, id)).rejects.toMatchObject({
      code: 'already-said',
      wayOut: `One person counts once; ${needed} are needed.`,
    });
    expect(JSON.stringify(rootView(app.run(id)))).toContain(`Starts with ${needed} approvals`);
    await app.finalize(DEE, id);
    expect((await app.settled(id)).phase).toBe('finalized');
  });

  test('counts no word of who asked, once the policy does not let them count any more', async () => {
    const policy = { approvals: 2, requester_counts: true };
    const one = await scene({ policy });
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    await one.app.approve(DEE, id);
    await one.app.settled(id);
    const { people } = one.cloud.config;
    const both = people.map((person) =>
      person.slack === ANN.id ? { ...person, roles: [...person.roles, 'approver' as const] } : person,
    );
    const withPolicy = (requester_counts: boolean) => ({
      ...one.cloud,
      config: {
        ...one.cloud.config,
        people: both,
        policy: { ...one.cloud.config.policy, requester_counts },
      },
    });
    const life = async (counts: boolean) =>
      (await bornOver(withPolicy(counts), one.journal, { directory: one.slack.directory })).app;
    await (await life(true)).finalize(ANN, id);
    const app = await life(false);
    await app.finalize(BOB, id);
    expect((await app.settled(id)).phase).toBe('upgraded');
    await app.finalize(DEE, id);
    expect((await app.settled(id)).phase).toBe('finalized');
  });

  test('counts no word of somebody who was deactivated after it', async () => {
    const one = await scene({ policy: { approvals: 2 } });
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    await one.app.approve(DEE, id);
    await one.app.settled(id);
    await one.app.finalize(BOB, id);
    one.slack.deactivate('U0BOB');
    await one.app.finalize(DEE, id);
    await one.app.settled(id);
    expect(one.app.run(id).phase).toBe('upgraded');
    one.slack.group('S0CALL', 'U0NINA');
    await one.app.finalize({ id: 'U0NINA', name: 'Nina', door: 'slack' }, id);
    expect((await one.app.settled(id)).phase).toBe('finalized');
  });
});

describe('a policy that was changed while a request waited', () => {
  const changed = async (change: Record<string, unknown>) => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN, CINDER);
    const config = { ...one.cloud.config, policy: { ...one.cloud.config.policy, ...change } };
    const after = await bornOver({ ...one.cloud, config }, one.journal);
    return { id, app: after.app };
  };

  test.each([
    ['fewer approvals', { services: { cinder: { approvals: 1, requester_counts: true } } }],
    ['more approvals', { approvals: 2 }],
    ['a longer wait', { expires: 7_200_000 }],
    ['another end of a failure', { on_failure: 'ask' }],
  ])('to %s voids the request at the next approval', async (_what, change) => {
    const { app, id } = await changed(change);
    await expect(app.approve(BOB, id)).rejects.toMatchObject({ code: 'plan-stale' });
    expect(app.run(id)).toMatchObject({ phase: 'voided', why: expect.stringContaining('policy') });
  });

  test('for another service voids nothing', async () => {
    const { app, id } = await changed({ services: { keystone: { approvals: 3 } } });
    await app.approve(BOB, id);
    expect((await app.settled(id)).phase).toBe('upgraded');
  });
});

describe('an approval that is withdrawn', () => {
  /** Stops the world right before the first event of a kind is answered. */
  const during = async (one: Scene, isNow: (event: RunEvent) => boolean) => {
    const { id } = await one.app.upgrade(ANN, CINDER);
    let tried: Promise<unknown> | undefined;
    one.journal.subscribe(() => {
      void one.app.eventsOf(id).then((events) => {
        const newest = events.at(-1)?.event;
        if (newest && isNow(newest)) tried ??= one.app.withdraw(BOB, id).catch((error: unknown) => error);
      });
    });
    await one.app.approve(BOB, id);
    const run = await one.app.settled(id);
    return { run, answer: await tried };
  };

  test('before the first change makes the run go back, with the old version never touched', async () => {
    const one = await scene();
    const before = await running(one.cloud);
    const { run } = await during(one, (event) => event.kind === 'watching');
    expect([run.phase, run.rollback?.why]).toEqual(['rolled-back', 'Bob withdrew the approval']);
    expect(run.cutAt).toBeUndefined();
    expect(await running(one.cloud)).toEqual(before);
    expect(await one.kinds(run.id)).not.toContain('health');
  });

  test('after the first change is refused with the way back', async () => {
    const one = await scene();
    const { run, answer } = await during(one, (event) => event.kind === 'call-ended' && event.op === 'stop');
    expect(run.phase).toBe('upgraded');
    expect(answer).toMatchObject({ code: 'not-now', wayOut: expect.stringContaining('rollback') });
  });

  test('is only one’s own', async () => {
    const one = await scene({ policy: { approvals: 2 } });
    const { id } = await one.app.upgrade(ANN, CINDER);
    await one.app.approve(BOB, id);
    await expect(one.app.withdraw(DEE, id)).rejects.toMatchObject({ code: 'not-allowed' });
    await one.app.withdraw(BOB, id);
    await expect(one.app.withdraw(BOB, id)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(one.app.run(id)).toMatchObject({ phase: 'proposed', approvals: [] });
  });
});

describe('glass that is broken', () => {
  const broken = async (one: Scene) => {
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    await one.app.breakGlass(ANN_AT_HOME, id, REASON);
    return one.app.settled(id);
  };

  test('starts the run without approvals, Slack or no Slack', async () => {
    const one = await scene({ policy: { approvals: 2 } });
    one.slack.leave();
    const run = await broken(one);
    expect(run).toMatchObject({ phase: 'upgraded', approvals: [], brokeGlass: { reason: REASON } });
  });

  test.each([
    ['by somebody without the role', BOB_AT_HOME, REASON, 'not-allowed'],
    ['in Slack', ANN, REASON, 'not-allowed'],
    ['for a short reason', ANN_AT_HOME, 'API is down', 'bad-arguments'],
    ['for a reason of blanks', ANN_AT_HOME, 'down'.padEnd(30), 'bad-arguments'],
  ])('%s is refused', async (_what, actor, reason, code) => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    await expect(one.app.breakGlass(actor, id, reason)).rejects.toMatchObject({ code });
    expect(one.app.run(id).phase).toBe('proposed');
  });

  test('skips no look at what is there: what was changed since voids the run', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    one.cloud.rebuild('2025.2', 'b2');
    const engine = one.cloud.cloud.operator('node1');
    await engine.pull(one.cloud.ref('cinder_api', '2025.2'));
    await one.app.breakGlass(ANN_AT_HOME, id, REASON);
    expect((await one.app.settled(id)).phase).toBe('voided');
  });

  test('skips no hold', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    await one.app.hold(BOB, 'cinder', 'audit');
    await one.app.breakGlass(ANN_AT_HOME, id, REASON);
    expect(await one.app.settled(id)).toMatchObject({
      phase: 'voided',
      why: expect.stringContaining('on hold'),
    });
  });

  test('opens it for half an hour', async () => {
    const one = await scene();
    const late = await approvedWhile(
      one,
      () => one.clock.advance(1_801_000),
      (id) => one.app.breakGlass(ANN_AT_HOME, id, REASON),
    );
    expect([late.phase, late.why]).toEqual(['voided', 'the glass was broken too long ago']);
    const other = await scene({ policy: { start_within: '1s' } });
    const soon = await approvedWhile(
      other,
      () => other.clock.advance(1_700_000),
      (id) => other.app.breakGlass(ANN_AT_HOME, id, REASON),
    );
    expect(soon.phase).toBe('upgraded');
  });

  test('skips no order: one run of a service at a time', async () => {
    const one = await scene();
    const { id } = await broken(one);
    await expect(one.app.upgrade(ANN_AT_HOME, { ...CINDER, to: '2025.1' })).rejects.toMatchObject({
      code: 'run-open',
    });
    await expect(one.app.breakGlass(ANN_AT_HOME, id, REASON)).rejects.toMatchObject({ code: 'not-now' });
  });

  test('skips no health: a version that never becomes healthy goes back', async () => {
    const releases = [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' as const }];
    const one = await scene({}, { releases });
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    await one.app.breakGlass(ANN_AT_HOME, id, REASON);
    expect((await one.app.settled(id)).phase).toBe('rolled-back');
  });

  test('skips no approvals of Finalize', async () => {
    const one = await scene();
    const { id } = await broken(one);
    await expect(one.app.finalize(ANN_AT_HOME, id)).rejects.toMatchObject({ code: 'own-request' });
    expect(one.app.run(id).phase).toBe('upgraded');
  });

  test('is in the journal with who, why and when', async () => {
    const one = await scene();
    const { id } = await broken(one);
    const events = await one.app.eventsOf(id);
    expect(events.map(({ event }) => event).filter(({ kind }) => kind === 'broke-glass')).toEqual([
      { kind: 'broke-glass', by: expect.objectContaining({ id: 'U0ANN', door: 'cli' }), reason: REASON },
    ]);
  });

  test('does not open it to who may not any more when it would start', async () => {
    const one = await scene();
    const { id } = await one.app.upgrade(ANN_AT_HOME, CINDER);
    const people = one.cloud.config.people.map((person) =>
      person.name === 'Ann' ? { ...person, roles: ['operator' as const] } : person,
    );
    const after = await bornOver({ ...one.cloud, config: { ...one.cloud.config, people } }, one.journal);
    await expect(after.app.breakGlass(ANN_AT_HOME, id, REASON)).rejects.toMatchObject({
      code: 'not-allowed',
    });
  });

  test('waits for the review of somebody who had no part in it', async () => {
    const one = await scene();
    const { id } = await broken(one);
    const text = 'two people were called, the API was down';
    await expect(one.app.review(ANN, id, text)).rejects.toMatchObject({ code: 'own-request' });
    await one.app.review(BOB, id, text);
    expect(one.app.run(id).review).toMatchObject({ by: { id: 'U0BOB' }, text });
    await expect(one.app.review(DEE, id, text)).rejects.toMatchObject({ code: 'already-said' });
  });

  test('is not reviewed where there was none', async () => {
    const one = await scene();
    const run = await approvedWhile(one, () => undefined);
    await expect(one.app.review(DEE, run.id, 'all is well here')).rejects.toMatchObject({ code: 'not-now' });
  });
});
