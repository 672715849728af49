import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { parseEnv } from '../../src/config.js';
import { freePort } from '../../src/demo/free-port.js';
import { buttonsOf, type Message, textOf } from '../../src/demo/local-slack/workspace.js';
import type { LocalSlack } from '../../src/demo/local-slack.js';
import { type RunningSlack, startSlack } from '../../src/slack/start.js';
import { eventsTo, samplePlan, stepsDone } from '../builders.js';
import { messageProblems } from '../doubles/block-kit.js';
import { describeUnless } from '../setup/left-out.js';
import { type FakeApp, fakeApp, keptLog, soon, testConfig } from './fake-app.js';
import { localSlack, localSlackMissing } from './local-slack.js';

const [ERIN, OLGA] = ['U0ERIN', 'U0OLGA'];

const envOf = (slack: LocalSlack, port?: number) =>
  parseEnv({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    SLACK_MODE: port === undefined ? 'socket' : 'http',
    SLACK_HTTP_PORT: port === undefined ? undefined : String(port),
    STACKSWAP_CONFIG: 'unused',
    STACKSWAP_STATE: 'unused',
  });

const connect = async (slack: LocalSlack, fake: FakeApp, port?: number): Promise<RunningSlack> => {
  const bot = await startSlack({
    app: fake.app,
    commands: COMMANDS,
    env: envOf(slack, port),
    config: fake.app.config,
    log: keptLog().log,
    redact: (text) => text,
    pace: { updateMs: 50 },
  });
  await bot.connected;
  return bot;
};

const missing = await localSlackMissing();

describeUnless(missing, 'in a local Slack, by Socket Mode', () => {
  let slack: LocalSlack;
  let fake: FakeApp;
  let bot: RunningSlack;

  beforeAll(async () => {
    slack = await localSlack();
    fake = fakeApp({ config: testConfig({ channel: slack.channel.id, blocks: 'plain' }) });
    bot = await connect(slack, fake);
  });
  afterAll(async () => {
    await bot.stop();
    await slack.stop();
  });

  const isRoot = (one: Message) => one.thread_ts === undefined && one.subtype !== 'ephemeral';
  const root = () =>
    slack.until('the root message', (all) =>
      all.find((one) => isRoot(one) && textOf(one).includes('cinder')),
    );
  const planOf = async () => {
    const { ts } = await root();
    return slack.until('the plan', (all) =>
      all.find((one) => one.thread_ts === ts && textOf(one).includes('Plan')),
    );
  };

  test('a person’s command is answered to that person alone', async () => {
    await slack.command(ERIN, 'services');
    const answer = await slack.until('an answer', (all) => all.find((one) => one.ephemeral_to === ERIN));
    expect(textOf(answer)).toContain('cinder');
  });

  test('an upgrade that is asked for stands in the channel, with its plan and buttons in the thread', async () => {
    await slack.command(ERIN, 'upgrade cinder');
    expect(buttonsOf(await planOf()).map(({ label }) => label)).toEqual(['Approve', 'Reject', 'Cancel']);
  });

  test('who asked is refused, and only that person reads it', async () => {
    await slack.click(ERIN, await planOf(), 'Approve');
    const refusal = await slack.until('a refusal', (all) =>
      all.find((one) => one.ephemeral_to === ERIN && textOf(one).includes('asked for this upgrade')),
    );
    expect(refusal.thread_ts).toBe((await root()).ts);
  });

  test('another person’s click counts, and the question gives way to who and when', async () => {
    await slack.click(OLGA, await planOf(), 'Approve');
    const decided = await slack.until('the decision', (all) =>
      all.find((one) => textOf(one).includes('*Approved* by <@U0OLGA>')),
    );
    expect(buttonsOf(decided).map(({ label }) => label)).toEqual(['Withdraw approval', 'Cancel']);
  });

  test('progress is one message that changes until all is done', async () => {
    fake.append('r1', { kind: 'started' });
    for (const event of stepsDone(samplePlan())) {
      fake.append('r1', event);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    fake.append('r1', { kind: 'upgraded', ms: 95_000 });
    await slack.until('the last state', (all) => all.find((one) => textOf(one).includes('(7 of 7 done)')));
    const progress = (await slack.messages()).filter((one) => /\(\d of 7 done\)/.test(textOf(one)));
    expect(progress).toHaveLength(1);
  });

  test('the message in the channel ends with its buttons for going back and going on', async () => {
    const upgraded = await slack.until('the upgraded root', (all) =>
      all.find((one) => isRoot(one) && buttonsOf(one).some(({ label }) => label === 'Finalize')),
    );
    expect(buttonsOf(upgraded).map(({ label }) => label)).toEqual(['Finalize', 'Roll back']);
  });

  test('a mention in the thread is answered in the thread', async () => {
    const { ts } = await root();
    const before = (await slack.thread(ts)).length;
    await slack.mention(OLGA, 'history', ts);
    const after = await slack.until('an answer', (all) => {
      const replies = all.filter(
        (one) => one.thread_ts === ts && one.user === slack.botUserId && one.subtype !== 'ephemeral',
      );
      return replies.length > before ? replies.at(-1) : undefined;
    });
    expect(textOf(after)).toContain('cinder');
  });

  test('nothing that was sent would be refused by a strict Slack', async () => {
    const sent = (await slack.messages()).filter((one) => one.user === slack.botUserId);
    expect(sent.length).toBeGreaterThan(6);
    expect(sent.flatMap((one) => messageProblems(one, { rich: false }))).toEqual([]);
  });
});

describeUnless(missing, 'in a local Slack, by signed HTTP', () => {
  test('commands, clicks and mentions arrive, too', async () => {
    const port = await freePort();
    const slack = await localSlack({ requestUrl: `http://127.0.0.1:${port}/slack/events` });
    const fake = fakeApp({ config: testConfig({ channel: slack.channel.id, blocks: 'plain' }) });
    const bot = await connect(slack, fake, port);
    try {
      await slack.command(ERIN, 'upgrade cinder');
      const plan = await slack.until('the plan', (all) =>
        all.find((one) => buttonsOf(one).some(({ label }) => label === 'Approve')),
      );
      await slack.click(OLGA, plan, 'Approve');
      await slack.until('the decision', (all) =>
        all.find((one) => textOf(one).includes('*Approved* by <@U0OLGA>')),
      );
      await slack.mention(OLGA, 'approve', plan.thread_ts);
      await slack.until('the refusal', (all) =>
        all.find((one) => one.ephemeral_to === OLGA && textOf(one).includes('is decided')),
      );
    } finally {
      await bot.stop();
      await slack.stop();
    }
  });
});

describeUnless(missing, 'when the local Slack is restarted', () => {
  test('the bot lives on, connects again and answers', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const before = await localSlack({ port });
    const fake = fakeApp({ config: testConfig({ channel: before.channel.id, blocks: 'plain' }) });
    const bot = await connect(before, fake);
    await before.stop();
    fake.append('r1', ...eventsTo('proposed'));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const after = await localSlack({ port });
    try {
      await after.until(
        'the plan of meanwhile',
        (all) => all.find((one) => buttonsOf(one).some(({ label }) => label === 'Approve')),
        20_000,
      );
      const answered = async () => {
        await after.command(ERIN, 'services');
        await after.until('an answer', (all) => all.find((one) => one.ephemeral_to === ERIN), 1_000);
      };
      await soon(answered, 40_000);
    } finally {
      await bot.stop();
      await after.stop();
    }
  });
});
