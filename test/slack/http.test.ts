import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import type { Command } from '../../src/command.js';
import { parseEnv } from '../../src/config.js';
import { freePort } from '../../src/demo/free-port.js';
import { type RunningSlack, startSlack } from '../../src/slack/start.js';
import { eventsTo } from '../builders.js';
import { type StrictOptions, strictSlack } from '../doubles/strict-slack.js';
import { CHANNEL, fakeApp, keptLog, soon } from './fake-app.js';

const SECRET = 'signs-everything';
const FAST = { updateMs: 20, retryMs: 10, retryMostMs: 40 };

const running: RunningSlack[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

type Scene = { commands?: readonly Command[]; slackOptions?: StrictOptions; away?: boolean };

const scene = async ({ commands = COMMANDS, slackOptions = {}, away = false }: Scene = {}) => {
  const port = await freePort();
  const fake = fakeApp();
  const slack = strictSlack(slackOptions);
  slack.setAway(away);
  const { log, lines } = keptLog();
  const env = parseEnv({
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_MODE: 'http',
    SLACK_HTTP_PORT: String(port),
    SLACK_API_URL: 'http://slack.test/api/',
    STACKSWAP_CONFIG: 'unused',
    STACKSWAP_STATE: 'unused',
  });
  const started = await startSlack({
    app: fake.app,
    commands,
    env,
    config: fake.app.config,
    log,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    fetch: slack.fetch,
    pace: FAST,
  });
  running.push(started);
  await started.connected;

  type Sending = { type?: string; secret?: string; ahead?: number };
  const send = (
    body: string,
    { type = 'application/x-www-form-urlencoded', secret = SECRET, ahead = 0 }: Sending = {},
  ) => {
    const time = Math.floor(Date.now() / 1_000) + ahead;
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}`;
    return fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': String(time),
        'x-slack-signature': signature,
      },
      body,
    });
  };
  const rested = () => soon(() => expect(started.idle()).toBe(true));
  return { ...fake, slack, lines, send, started, rested };
};

let triggers = 0;
const slash = (user: string, text: string, change: Record<string, string> = {}): string => {
  triggers += 1;
  return new URLSearchParams({
    team_id: 'T0TEST',
    user_id: user,
    user_name: user.toLowerCase(),
    channel_id: CHANNEL,
    command: '/openstack',
    text,
    trigger_id: `${triggers}.1`,
    response_url: `http://slack.test/response/${triggers}`,
    ...change,
  }).toString();
};

type Click = {
  user?: unknown;
  verb?: string;
  value?: unknown;
  ts?: string;
  actionTs?: string;
  team?: unknown;
};

const click = ({
  user = { id: 'U0OLGA', team_id: 'T0TEST' },
  verb = 'approve',
  value = 'r1:t0',
  ts = '1.2',
  actionTs = '5.6',
  team = { id: 'T0TEST' },
}: Click): string =>
  new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      team,
      user,
      channel: { id: CHANNEL },
      container: { type: 'message', message_ts: ts, channel_id: CHANNEL },
      trigger_id: 't.1',
      actions: [
        { type: 'button', action_id: `stackswap:${verb}`, block_id: 'b', value, action_ts: actionTs },
      ],
    }),
  }).toString();

const mention = (user: string, text: string, change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    type: 'event_callback',
    team_id: 'T0TEST',
    event_id: 'Ev1',
    event: {
      type: 'app_mention',
      user,
      text: `<@U0BOT> ${text}`,
      ts: '1700000100.000100',
      channel: CHANNEL,
      event_ts: '1700000100.000100',
      ...change,
    },
  });

const JSON_TYPE = { type: 'application/json' };
const approvals = ({ entries }: { entries: readonly { event: { kind: string } }[] }) =>
  entries.filter(({ event }) => event.kind === 'approved').length;

describe('a signed request', () => {
  test('of a slash command is acknowledged with nothing, and answered at its response_url to that person alone', async () => {
    const { send, slack } = await scene();
    const answer = await send(slash('U0ERIN', 'history'));
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    await soon(() =>
      expect(slack.responses).toMatchObject([{ response_type: 'ephemeral', replace_original: false }]),
    );
  });

  test('is acknowledged before the work is done', async () => {
    const [first] = COMMANDS;
    if (!first) throw new Error('there are no commands');
    const slow: Command = {
      ...first,
      name: 'slow',
      run: () => new Promise((resolve) => setTimeout(() => resolve({ summary: 'at last', blocks: [] }), 400)),
    };
    const { send, slack } = await scene({ commands: [slow] });
    const start = Date.now();
    await send(slash('U0ERIN', 'slow'));
    expect(Date.now() - start).toBeLessThan(350);
    expect(slack.responses).toEqual([]);
    await soon(() => expect(slack.responses).toMatchObject([{ text: 'at last' }]));
  });

  test('of an upgrade makes the run’s own messages and one short line', async () => {
    const { send, slack, rested } = await scene();
    await send(slash('U0ERIN', 'upgrade cinder'));
    await soon(() => expect(slack.roots()).toHaveLength(1));
    await rested();
    expect(slack.responses).toHaveLength(1);
    expect(JSON.stringify(slack.responses[0])).not.toContain('stackswap:approve');
  });

  test('delivered twice is done once', async () => {
    const { send, entries, append, rested } = await scene();
    append('r1', ...eventsTo('proposed', { quorum: 2 }));
    await rested();
    const twice = click({});
    await Promise.all([send(twice), send(twice)]);
    await send(click({ actionTs: '5.9' }));
    await soon(() => expect(approvals({ entries })).toBe(1));
    await rested();
    expect(approvals({ entries })).toBe(1);
  });

  test.each([
    ['of another team', click({ team: { id: 'T0OTHER' } })],
    ['of a guest of another team', click({ user: { id: 'U0OLGA', team_id: 'T0OTHER' } })],
    ['without a team', click({ team: null })],
    ['whose user is only a word', click({ user: 'U0OLGA' })],
    ['whose button value is an object', click({ value: { run: 'r1' } })],
    ['with nothing in it', 'payload=null'],
    ['with a list in it', 'payload=%5B%5D'],
    ['that is not JSON', 'payload=%7B'],
    ['with an empty body', ''],
  ])('%s changes nothing and does not stop the bot', async (_what, body) => {
    const { send, entries, append, slack, rested } = await scene();
    append('r1', ...eventsTo('proposed'));
    await rested();
    await send(body);
    await send(slash('U0ERIN', 'history'));
    await soon(() => expect(slack.responses).toHaveLength(1));
    expect(approvals({ entries })).toBe(0);
  });
});

describe('a request that Slack did not sign', () => {
  test.each([
    ['with another secret', { secret: 'guessed' }],
    ['from an hour ahead', { ahead: 3_600 }],
    ['from an hour ago', { ahead: -3_600 }],
  ])('%s is refused', async (_what, how) => {
    const { send, slack } = await scene();
    expect((await send(slash('U0ERIN', 'history'), how)).status).toBe(401);
    expect(slack.responses).toEqual([]);
  });
});

describe('a request without an end', () => {
  test('is read to 1 MB and no further, and the bot answers on', async () => {
    const { send, slack, lines } = await scene();
    const fits = await send(`payload=${'x'.repeat(999_992)}`);
    expect(fits.status).toBe(400);
    expect(JSON.stringify(lines)).not.toContain('the request is too large');
    // A sender who is cut off while it still writes may not get to read the answer.
    const cut = await send(`payload=${'x'.repeat(999_993)}`).then(
      ({ status }) => status,
      () => 400,
    );
    expect(cut).toBe(400);
    await soon(() => expect(JSON.stringify(lines)).toContain('the request is too large'));
    await send(slash('U0ERIN', 'history'));
    await soon(() => expect(slack.responses).toHaveLength(1));
  });
});

describe('an answer', () => {
  test('to an unknown verb names the nearest one, to that person alone', async () => {
    const { send, slack } = await scene();
    await send(slash('U0ERIN', 'aprove'));
    await soon(() => expect(JSON.stringify(slack.responses)).toContain('approve'));
    expect(slack.responses).toMatchObject([{ response_type: 'ephemeral' }]);
  });

  test('to a late click is an ephemeral reason, and the message is drawn again', async () => {
    const { send, slack, append, rested } = await scene();
    append('r1', ...eventsTo('cancelled'));
    await rested();
    const plan = slack.all()[1];
    const updates = plan?.updates ?? 0;
    await send(click({ ts: plan?.ts ?? '' }));
    await soon(() =>
      expect(slack.ephemerals()).toMatchObject([
        { to: 'U0OLGA', text: 'The run r1 has moved on. See its thread.' },
      ]),
    );
    await soon(() => expect(slack.all()[1]?.updates).toBe(updates + 1));
  });

  test('to a click that worked is the changed message, without another one', async () => {
    const { send, slack, append, rested } = await scene();
    append('r1', ...eventsTo('proposed'));
    await rested();
    await send(click({ ts: slack.all()[1]?.ts ?? '' }));
    await soon(() => expect(JSON.stringify(slack.all()[1]?.blocks)).not.toContain('stackswap:approve'));
    expect(slack.ephemerals()).toEqual([]);
  });

  test('to a mention in a run’s thread needs no id, and stands in the thread', async () => {
    const { send, slack, append, entries, rested } = await scene();
    append('r1', ...eventsTo('proposed', { quorum: 2 }));
    await rested();
    const root = slack.roots()[0]?.ts ?? '';
    await send(mention('U0OLGA', 'approve', { thread_ts: root }), JSON_TYPE);
    await soon(() => expect(slack.thread(root)).toHaveLength(2));
    expect(approvals({ entries })).toBe(1);
  });

  test('to a mention that is refused is seen by that person alone', async () => {
    const { send, slack, append, rested } = await scene();
    append('r1', ...eventsTo('proposed', { by: { id: 'U0OLGA', name: 'Olga', door: 'slack' } }));
    await rested();
    const root = slack.roots()[0]?.ts ?? '';
    await send(mention('U0OLGA', 'approve', { thread_ts: root }), JSON_TYPE);
    await soon(() => expect(slack.ephemerals()).toMatchObject([{ to: 'U0OLGA', thread_ts: root }]));
  });

  test('to a fault of ours says so with an id that the log has too, and shows no stack', async () => {
    const [first] = COMMANDS;
    if (!first) throw new Error('there are no commands');
    const broken: Command = {
      ...first,
      name: 'broken',
      run: async () => Promise.reject(new TypeError('undefined is not a cinder')),
    };
    const { send, slack, lines } = await scene({ commands: [broken] });
    await send(slash('U0ERIN', 'broken'));
    await soon(() => expect(slack.responses).toHaveLength(1));
    const [, id = 'none'] = /Bug ([0-9a-f]{8})/.exec(JSON.stringify(slack.responses)) ?? [];
    expect(lines.find(({ bug }) => bug === id)).toMatchObject({
      err: { message: 'undefined is not a cinder' },
    });
    expect(JSON.stringify(slack.responses)).not.toContain('undefined is not');
  });

  test('holds no secret that the redactor knows', async () => {
    const { send, slack } = await scene();
    await send(slash('U0ERIN', 'hold cinder "password hunter2"'));
    await soon(() => expect(slack.responses).toHaveLength(1));
    expect(JSON.stringify(slack.responses)).not.toContain('hunter2');
  });

  test('to a hold is seen by all, since no run’s messages tell of it', async () => {
    const { send, slack } = await scene();
    await send(slash('U0ERIN', 'hold cinder "until Friday"'));
    await soon(() => expect(slack.responses).toMatchObject([{ response_type: 'in_channel' }]));
  });
});

describe('at the start', () => {
  test('a bot outside its channel says so, with the way in', async () => {
    const { started, lines } = await scene({ slackOptions: { botInChannel: false } });
    expect((await started.standing).problems).toEqual([
      'The bot is not in #ops: type "/invite @stackswap" there.',
    ]);
    expect(JSON.stringify(lines)).toContain('/invite @stackswap');
  });

  test('a bot that may not read its channel’s history says what comes of it, and which scopes are missing', async () => {
    const { started } = await scene({ slackOptions: { history: false } });
    expect((await started.standing).problems).toEqual([
      expect.stringMatching(/it can stand twice\. Add the scopes channels:history and groups:history/),
    ]);
  });

  test('a bot in its channel has no problems', async () => {
    const { started } = await scene();
    expect(await started.standing).toMatchObject({
      team: 'T0TEST',
      botUser: 'U0BOT',
      botId: 'B0BOT',
      problems: [],
    });
  });

  test('a Slack that does not answer is asked again until it does, and requests are acknowledged meanwhile', async () => {
    const { started, slack, send, lines } = await scene({ away: true });
    const answer = await send(slash('U0ERIN', 'history'));
    expect(answer.status).toBe(200);
    await soon(() =>
      expect(JSON.stringify(lines)).toContain('Slack does not tell who the bot is (SLACK_BOT_TOKEN'),
    );
    expect(slack.responses).toEqual([]);
    slack.setAway(false);
    expect((await started.standing).team).toBe('T0TEST');
    await soon(() => expect(slack.responses).toHaveLength(1));
  });
});
