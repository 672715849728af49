import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localSlackBinary } from '../../src/demo/local-slack/binary.js';
import { buttonsOf, textOf } from '../../src/demo/local-slack/workspace.js';
import { type LocalSlack, startLocalSlack } from '../../src/demo/local-slack.js';
import { describeUnless } from '../setup/left-out.js';

const binary = await localSlackBinary();
const ANN = { id: 'U0ANN', name: 'ann', realName: 'Ann' };

describeUnless('leftOut' in binary ? binary.leftOut : undefined, 'the local Slack', () => {
  let slack: LocalSlack;

  beforeAll(async () => {
    const started = await startLocalSlack({ people: [ANN] });
    if ('leftOut' in started) throw new Error(started.leftOut);
    slack = started;
  });
  afterAll(() => slack?.stop());

  const say = (body: object) =>
    fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
      body: JSON.stringify({ channel: slack.channel.id, ...body }),
    });

  test('is reached by loopback alone, so it needs no warning', () => {
    expect(slack.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(slack.warning).toBeUndefined();
  });

  test('shows what the bot wrote, its thread and its buttons', async () => {
    const element = {
      type: 'button',
      action_id: 'approve',
      value: 'r1',
      text: { type: 'plain_text', text: 'Approve' },
    };
    await say({
      text: 'root',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: 'a plan' } },
        { type: 'actions', block_id: 'b', elements: [element] },
      ],
    });
    const root = await slack.until('the root', (all) => all.find((one) => one.text === 'root'));
    await say({ text: 'reply', thread_ts: root.ts });
    expect((await slack.thread(root.ts)).map((one) => one.text)).toEqual(['reply']);
    expect(buttonsOf(root)).toEqual([{ label: 'Approve', actionId: 'approve', value: 'r1', blockId: 'b' }]);
    expect(textOf(root)).toContain('a plan');
  });

  test('refuses a click on a button that the message has not', async () => {
    await say({ text: 'no buttons' });
    const plain = await slack.until('the message', (all) => all.find((one) => one.text === 'no buttons'));
    await expect(slack.click(ANN.id, plain, 'Approve')).rejects.toThrow('no button Approve');
  });

  test('says what it waited for in vain', async () => {
    await expect(slack.until('a wonder', () => undefined, 100)).rejects.toThrow('a wonder');
  });
});

describe('a machine without local-slack', () => {
  test('is told how to get it', async () => {
    process.env.LOCAL_SLACK_BIN = '/nowhere/local-slack';
    const found = await localSlackBinary();
    delete process.env.LOCAL_SLACK_BIN;
    expect(found).toEqual({
      leftOut: 'LOCAL_SLACK_BIN names /nowhere/local-slack, which is no executable file.',
    });
  });
});
