import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/event.js';
import type { Phase } from '../../src/run/phase.js';
import { type Announcer, announcer } from '../../src/slack/announce.js';
import { drawingChoice } from '../../src/slack/drawing.js';
import type { Pace } from '../../src/slack/keeper.js';
import { slackLogger } from '../../src/slack/logger.js';
import { eventsTo, samplePlan, stepsDone } from '../builders.js';
import { type Posted, type StrictOptions, strictSlack } from '../doubles/strict-slack.js';
import { type FakeApp, fakeApp, keptLog, soon } from './fake-app.js';

const FAST: Pace = { updateMs: 20, retryMs: 10, retryMostMs: 40, updatesPerMinute: 10_000 };

const running: Announcer[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop(100);
});

type Scene = {
  slackOptions?: StrictOptions;
  fake?: FakeApp;
  slack?: ReturnType<typeof strictSlack>;
  pace?: Partial<Pace>;
};

const scene = ({
  slackOptions = {},
  fake = fakeApp(),
  slack = strictSlack(slackOptions),
  pace = {},
}: Scene = {}) => {
  const { log, lines } = keptLog();
  const client = new WebClient('xoxb-test', {
    slackApiUrl: 'http://slack.test/api/',
    fetch: slack.fetch,
    retryConfig: { retries: 0 },
    logger: slackLogger(log, (text) => text),
    rejectRateLimitedCalls: true,
  });
  const messages = announcer({
    app: fake.app,
    client,
    log,
    redact: (text) => text,
    drawing: drawingChoice('rich'),
    pace: { ...FAST, ...pace },
  });
  running.push(messages);
  const rested = () => soon(() => expect(messages.idle()).toBe(true));
  return { ...fake, slack, messages, log: lines, rested };
};

const plan = samplePlan();
const to = (phase: Phase, quorum = 1): readonly RunEvent[] => eventsTo(phase, { quorum });
/** What the journal adds to reach a phase from another one on the way there. */
const onward = (from: Phase, phase: Phase): readonly RunEvent[] => to(phase).slice(to(from).length);

const read = (message: Posted | undefined): string => JSON.stringify(message);
const verbsOf = (message: Posted | undefined): string[] =>
  [...read(message).matchAll(/"action_id":"stackswap:([a-z]+)"/g)].map(([, verb = '']) => verb);
const only = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (one === undefined || list.length > 1) throw new Error(`${list.length} instead of one`);
  return one;
};
const slotsIn = (slack: ReturnType<typeof strictSlack>): string[] =>
  slack.all().map(({ metadata }) => /"slot":"([^"]+)"/.exec(JSON.stringify(metadata))?.[1] ?? '?');

describe('the messages of a run', () => {
  test('begin with a summary in the channel and, in its thread, the plan with its buttons', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('proposed'));
    await rested();
    const root = only(slack.roots());
    expect(verbsOf(only(slack.thread(root.ts)))).toEqual(['approve', 'reject', 'cancel']);
    expect(slack.refusals).toEqual([]);
  });

  test('lose their buttons once decided, and say who decided', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('proposed'));
    await rested();
    append('r1', ...onward('proposed', 'rejected'));
    await rested();
    const [planMessage, result] = slack.thread(only(slack.roots()).ts);
    expect(verbsOf(planMessage)).toEqual([]);
    expect(read(planMessage)).toContain('Olga');
    expect(read(result)).toContain('not during the day');
  });

  test('hold plan, progress, health and result in this order, each posted once', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('upgraded'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan', 'progress', 'health', 'result-upgraded']);
    expect(verbsOf(only(slack.roots()))).toEqual(['finalize', 'rollback']);
    expect(slack.refusals).toEqual([]);
  });

  test.each<Phase>([
    'proposed',
    'running',
    'paused',
    'interrupted',
    'rolling-back',
    'stuck',
    'upgraded',
    'finalizing',
    'finalize-failed',
    'finalized',
    'rolled-back',
    'cancelled',
    'expired',
    'voided',
    'failed',
  ])('are taken by a strict Slack when the run is %s', async (phase) => {
    const { append, slack, rested } = scene();
    append('r1', ...to(phase));
    await rested();
    expect(slack.refusals).toEqual([]);
    expect(slack.roots()).toHaveLength(1);
  });

  test('are changed far less often than the run moves, and end with its last state', async () => {
    const { append, slack, rested } = scene({ pace: { updateMs: 150 } });
    append('r1', ...to('approved'), { kind: 'started' });
    await rested();
    const before = slack.countOf('chat.update');
    for (const event of stepsDone(plan)) {
      append('r1', event);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    append('r1', { kind: 'upgraded', ms: 95_000 });
    await rested();
    expect(slack.countOf('chat.update') - before).toBeLessThan(16);
    const progress = slack.thread(only(slack.roots()).ts).find((one) => read(one).includes('"type":"plan"'));
    expect(read(progress)).toContain(`(${plan.steps.length} of ${plan.steps.length} done)`);
    expect(read(progress)).not.toContain('in_progress');
  });

  test('ask with buttons, and say later who answered instead', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('paused'));
    await rested();
    const asked = () => slack.all().find((one) => read(one).includes('"slot":"asked-1"'));
    expect(verbsOf(asked())).toEqual(['resume', 'rollback']);
    append('r1', { kind: 'resumed', by: { id: 'U0OLGA', name: 'Olga', door: 'slack' } });
    await rested();
    expect(verbsOf(asked())).toEqual([]);
    expect(read(asked())).toContain('*Resumed* by <@U0OLGA>');
  });

  test('announce broken glass below the plan, in a message of its own, before the run goes on', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('proposed'), {
      kind: 'broke-glass',
      by: { id: 'U0ADAM', name: 'Adam', door: 'cli' },
      reason: 'the API is down since two',
    });
    await rested();
    append('r1', ...onward('approved', 'upgraded'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan', 'glass', 'progress', 'health', 'result-upgraded']);
    const told = slack.thread(only(slack.roots()).ts).find((one) => read(one).includes('"glass"'));
    expect(read(told)).toContain('the API is down since two');
    expect(slack.refusals).toEqual([]);
  });

  test('ask anew when the run asks a second time', async () => {
    const { append, slack, rested } = scene();
    append(
      'r1',
      ...to('paused'),
      { kind: 'resumed', by: { id: 'U0OLGA', name: 'Olga', door: 'slack' } },
      { kind: 'asked', why: 'still inconclusive', choices: ['rollback'] },
    );
    await rested();
    expect(slotsIn(slack).filter((slot) => slot.startsWith('asked'))).toEqual(['asked-2']);
  });
});

describe('when Slack fails', () => {
  test('lose the buttons of a question whose place in Slack could not be journaled, too', async () => {
    const fake = fakeApp();
    const { posted } = fake.app;
    fake.app.posted = (run, slot, place) =>
      slot.startsWith('interrupted') ? Promise.reject(new Error('disk full')) : posted(run, slot, place);
    const { append, slack, rested } = scene({ fake });
    append('r1', ...to('interrupted'));
    await rested();
    const question = () =>
      slack.all().find(({ metadata }) => JSON.stringify(metadata).includes('"interrupted-1"'));
    expect(verbsOf(question())).toContain('resume');
    append(
      'r1',
      { kind: 'rollback', by: { id: 'U0ANN', name: 'Ann', door: 'slack' }, why: 'asked for by Ann' },
      { kind: 'rolled-back', ms: 1 },
    );
    await rested();
    expect(verbsOf(question())).toEqual([]);
  });

  test('refused blocks are drawn plainly, and stay so', async () => {
    const { append, slack, rested } = scene({ slackOptions: { rich: false } });
    append('r1', ...to('upgraded'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan', 'progress', 'health', 'result-upgraded']);
    expect(read(slack.all()[2])).toContain('of 7 done');
    const rich = slack.calls.filter((call) =>
      /"type":"(plan|table)"/.test(JSON.stringify(call.args.blocks ?? [])),
    );
    expect(rich).toHaveLength(1);
  });

  test('the run goes on while Slack is away, and its last state is there when Slack is back', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('proposed'));
    await rested();
    slack.setAway(true);
    append('r1', ...onward('proposed', 'upgraded'));
    await soon(() => expect(slack.calls.length).toBeGreaterThan(5));
    slack.setAway(false);
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan', 'progress', 'health', 'result-upgraded']);
    expect(verbsOf(slack.roots()[0])).toEqual(['finalize', 'rollback']);
  });

  test('a post whose answer was lost is found again and not repeated', async () => {
    const { append, slack, rested } = scene();
    slack.failNext('chat.postMessage', 'lost');
    append('r1', ...to('proposed'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan']);
  });

  test('without the right to read the channel a lost post is repeated rather than missing', async () => {
    const { append, slack, rested } = scene({ slackOptions: { history: false } });
    slack.failNext('chat.postMessage', 'lost');
    append('r1', ...to('proposed'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'root', 'plan']);
  });

  test('a post that was refused with an error of the server’s own is tried again', async () => {
    const { append, slack, rested } = scene();
    slack.failNext('chat.postMessage', 'http-500', 'reset', { error: 'internal_error' });
    append('r1', ...to('proposed'));
    await rested();
    expect(slotsIn(slack)).toEqual(['root', 'plan']);
  });

  test('a limit on updates delays updates alone, for as long as Slack asks', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('approved'), { kind: 'started' });
    await rested();
    slack.failNext('chat.update', { limited: 1 });
    const start = Date.now();
    append('r1', ...onward('approved', 'upgraded').slice(1));
    const updatesSince = () =>
      slack.calls.filter((call) => call.method === 'chat.update' && call.at >= start).map(({ at }) => at);
    await soon(() => expect(slotsIn(slack)).toContain('result-upgraded'));
    expect(Date.now() - start).toBeLessThan(900);
    await rested();
    const [limited = 0, next = 0] = updatesSince();
    expect(next - limited).toBeGreaterThanOrEqual(990);
    expect(verbsOf(slack.roots()[0])).toEqual(['finalize', 'rollback']);
  });

  test('updates keep inside their budget of a minute', async () => {
    const { append, slack, messages } = scene({ pace: { updatesPerMinute: 3 } });
    append('r1', ...to('approved'), { kind: 'started' });
    for (const event of stepsDone(plan)) {
      append('r1', event);
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    await soon(() => expect(slack.countOf('chat.update')).toBe(3));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(slack.countOf('chat.update')).toBe(3);
    expect(messages.idle()).toBe(false);
  });

  test('a message that somebody deleted is posted anew', async () => {
    const { append, slack, rested } = scene();
    append('r1', ...to('proposed'));
    await rested();
    const planMessage = only(slack.thread(only(slack.roots()).ts));
    slack.remove(planMessage.ts);
    append('r1', ...onward('proposed', 'cancelled'));
    await rested();
    expect(slotsIn(slack).filter((slot) => slot === 'plan')).toHaveLength(1);
    expect(slack.refusals).toEqual([`message_not_found: ${planMessage.ts}`]);
  });

  test('a bot that is not in its channel says so in the log and tries on', async () => {
    const { append, slack, log } = scene({ slackOptions: { botInChannel: false } });
    append('r1', ...to('proposed'));
    await soon(() => expect(slack.countOf('chat.postMessage')).toBeGreaterThan(2));
    expect(JSON.stringify(log)).toContain('not_in_channel');
  });
});

describe('after a restart', () => {
  test('messages are brought up to date and none is posted twice', async () => {
    const first = scene();
    first.append('r1', ...to('running'));
    await first.rested();
    await first.messages.stop();
    const count = first.slack.all().length;
    const fake = fakeApp({ earlier: first.entries });
    fake.append('r1', { kind: 'interrupted' });
    const second = scene({ fake, slack: first.slack });
    second.messages.recover(await fake.app.history({ id: 'b', name: 'b', door: 'bot' }));
    await second.rested();
    expect(slotsIn(second.slack).slice(count)).toEqual(['interrupted-1']);
    expect(verbsOf(second.slack.all().at(-1))).toEqual(['resume', 'rollback']);
    expect(read(second.slack.roots()[0])).toContain('interrupted');
    expect(second.slack.refusals).toEqual([]);
  });

  test('a message is found again that the dead process had posted but not journaled', async () => {
    const first = scene();
    first.append('r1', ...to('proposed'));
    await first.rested();
    await first.messages.stop();
    const fake = fakeApp({ earlier: first.entries.filter(({ event }) => event.kind !== 'posted') });
    const second = scene({ fake, slack: first.slack });
    second.messages.recover(await fake.app.history({ id: 'b', name: 'b', door: 'bot' }));
    await second.rested();
    expect(slotsIn(second.slack)).toEqual(['root', 'plan']);
  });

  test('a run that ended long ago is left alone', async () => {
    const old = to('finalized').map((event, at) => ({
      at: new Date(Date.parse('2020-01-01T00:00:00Z') + at).toISOString(),
      run: 'r1',
      event,
    }));
    const fake = fakeApp({ earlier: old });
    const { messages, slack, rested } = scene({ fake });
    messages.recover(await fake.app.history({ id: 'b', name: 'b', door: 'bot' }));
    await rested();
    expect(slack.calls).toEqual([]);
  });
});

test('what waits for its turn is sent when the bot stops', async () => {
  const { append, slack, messages } = scene({ pace: { updateMs: 60_000 } });
  append('r1', ...to('proposed'));
  await soon(() => expect(slack.all()).toHaveLength(2));
  append('r1', ...onward('proposed', 'cancelled'));
  await soon(() => expect(slack.all()).toHaveLength(3));
  expect(verbsOf(slack.all()[1])).toEqual(['approve', 'reject', 'cancel']);
  await messages.stop();
  expect(verbsOf(slack.all()[1])).toEqual([]);
});
