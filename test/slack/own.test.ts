import { afterEach, describe, expect, test } from 'vitest';
import type { Announcer } from '../../src/slack/announce.js';
import { FRESH_MS } from '../../src/slack/cached.js';
import { METADATA_EVENT } from '../../src/slack/delivery.js';
import { ownOf } from '../../src/slack/own.js';
import type { Standing } from '../../src/slack/standing.js';
import { HOME } from '../authority/slack-people.js';
import { eventsTo } from '../builders.js';
import { strictSlack } from '../doubles/strict-slack.js';
import { announced } from './announced.js';
import { CHANNEL, soon } from './fake-app.js';

const running: Announcer[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop(0);
});

const STANDING: Standing = { team: 'T0HOME', home: HOME, botUser: 'U0BOT', botId: 'B0BOT', problems: [] };

const scene = (standing: Promise<Standing> = Promise.resolve(STANDING)) => {
  const slack = strictSlack();
  let channel: Record<string, unknown> | Error = {};
  let now = 0;
  const info = async () => {
    if (channel instanceof Error) throw channel;
    return { channel: { id: CHANNEL, name: 'ops', ...channel } };
  };
  const fake = announced(slack, {
    pace: { updateMs: 5, retryMs: 5, retryMostMs: 10 },
    own: ownOf(standing, {
      client: { conversations: { info } },
      config: { channel: CHANNEL },
      now: () => now,
    }),
  });
  const { messages, lines } = fake;
  running.push(messages);
  return {
    ...fake,
    slack,
    said: () => JSON.stringify(lines),
    rested: () => soon(() => expect(messages.idle()).toBe(true)),
    channelBecomes: (next: Record<string, unknown> | Error) => {
      channel = next;
      now += FRESH_MS;
    },
    root: () => fake.app.run('r1').messages.root?.ts,
  };
};

const proposed = eventsTo('proposed', { quorum: 2 });

describe('a message whose post had no answer', () => {
  test('is not taken for one that somebody else posted with our metadata', async () => {
    const { append, slack, rested, root } = scene();
    slack.failNext('chat.postMessage', 'reset');
    const metadata = { event_type: METADATA_EVENT, event_payload: { run: 'r1', slot: 'root' } };
    const theirs = { ts: '1700000000.000001', user: 'U0EVE', bot_id: 'B0EVE', metadata };
    slack.answerTo('conversations.history', () => ({ ok: true, messages: [theirs] }));
    append('r1', ...proposed);
    await soon(() => expect(slack.roots()).toHaveLength(1));
    await rested();
    expect(root()).toBe(slack.roots()[0]?.ts);
  });

  test('is neither looked for nor posted again before the bot knows who it is', async () => {
    let tell: (standing: Standing) => void = () => undefined;
    const { append, slack, rested, root, said } = scene(
      new Promise((resolve) => {
        tell = resolve;
      }),
    );
    slack.failNext('chat.postMessage', 'lost');
    append('r1', ...proposed);
    await soon(() => expect(said()).toContain('Slack does not tell who the bot is'));
    expect([slack.countOf('chat.postMessage'), root()]).toEqual([1, undefined]);
    tell(STANDING);
    await soon(() => expect(root()).toBe(slack.roots()[0]?.ts));
    await rested();
    expect(slack.roots()).toHaveLength(1);
  });
});

describe('a channel that outsiders read', () => {
  test('gets no new message, keeps what stands there right, and gets the rest when it is ours again', async () => {
    const { append, slack, rested, said, channelBecomes } = scene();
    append('r1', ...proposed);
    await rested();
    channelBecomes({ is_ext_shared: true });
    const posted = slack.countOf('chat.postMessage');
    const [before] = slack.roots();
    append('r2', ...eventsTo('proposed'));
    append('r1', { kind: 'cancelled', by: { id: 'U0ERIN', name: 'Erin', door: 'slack' } });
    await soon(() =>
      expect(said()).toContain(
        'New messages are held back: people of another organisation or workspace can read #ops, or are invited to. The command line shows the runs.',
      ),
    );
    await soon(() => expect(slack.roots()[0]?.text).not.toBe(before?.text));
    expect(slack.countOf('chat.postMessage')).toBe(posted);
    channelBecomes({});
    await soon(() => expect(slack.roots()).toHaveLength(2));
  });

  test('is not supposed where Slack does not say', async () => {
    const { append, slack, rested, channelBecomes } = scene();
    channelBecomes(new Error('fetch failed'));
    append('r1', ...proposed);
    await rested();
    expect(slack.roots()).toHaveLength(1);
  });
});
