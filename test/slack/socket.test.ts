import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { parseEnv } from '../../src/config.js';
import { startSlack } from '../../src/slack/start.js';
import { eventsTo } from '../builders.js';
import { type SocketServer, socketServer } from '../doubles/socket-server.js';
import { type Fault, strictSlack } from '../doubles/strict-slack.js';
import { fakeApp, keptLog, soon } from './fake-app.js';
import { clickOf, mentionOf, slashOf } from './signed-bot.js';

const ends: (() => Promise<void>)[] = [];
let unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled = [...unhandled, reason];
};
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** A bot that is connected by Socket Mode; `opening` decides how Slack answers when it asks for an address. */
const scene = async (opening: (nth: number) => Fault | undefined = () => undefined) => {
  const server = await socketServer();
  const slack = strictSlack();
  let asked = 0;
  slack.answerTo('apps.connections.open', () => ({ ok: true, url: server.url }));
  slack.setWeather((method) => {
    if (method !== 'apps.connections.open') return undefined;
    asked += 1;
    return opening(asked);
  });
  const fake = fakeApp();
  const { log, lines } = keptLog();
  const env = parseEnv({
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_APP_TOKEN: 'xapp-1-A0OURS-1-x',
    SLACK_MODE: 'socket',
    SLACK_API_URL: 'http://slack.test/api/',
    STACKSWAP_CONFIG: 'unused',
    STACKSWAP_STATE: 'unused',
  });
  const bot = await startSlack({
    app: fake.app,
    commands: COMMANDS,
    env,
    config: fake.app.config,
    log,
    redact: (text) => text,
    fetch: slack.fetch,
    pace: { updateMs: 20, retryMs: 50, retryMostMs: 100 },
  });
  ends.push(bot.stop, server.close);
  const connected = () => soon(() => expect(server.open()).toBe(1), 15_000);
  return { ...fake, server, slack, bot, lines, connected, asked: () => asked };
};

let envelopes = 0;
const envelope = (type: string, payload: unknown, id?: string): string => {
  envelopes += 1;
  return JSON.stringify({
    type,
    envelope_id: id ?? `e${envelopes}`,
    payload,
    accepts_response_payload: true,
  });
};

/**
 * Somebody asks and is answered: the bot hears and serves. Asked again where nothing comes, since the server does not
 * know of each connection whether it still lives.
 */
const serves = async ({ server, slack }: { server: SocketServer; slack: ReturnType<typeof strictSlack> }) => {
  const before = slack.responses.length;
  let asked = 0;
  await vi.waitFor(
    () => {
      if (asked % 50 === 0) server.send(envelope('slash_commands', slashOf(`U0X${asked}`, 'history')));
      asked += 1;
      expect(slack.responses.length).toBeGreaterThan(before);
    },
    { timeout: 15_000, interval: 20 },
  );
};

const ODD: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '1'],
  ['a word', '"hello"'],
  ['nothing', ''],
  ['no JSON', '{"type":'],
  ['no type', '{}'],
  ['a type that is no word', '{"type":{"a":1}}'],
  ['an event without a payload', '{"type":"events_api","envelope_id":"x"}'],
  ['an event whose payload is null', envelope('events_api', null)],
  ['an event without an event', envelope('events_api', { type: 'event_callback' })],
  ['an event of an odd type', envelope('events_api', { event: { type: ['app_mention'] } })],
  [
    'an event that is called like one of the library’s own',
    envelope('events_api', { event: { type: 'close' } }),
  ],
  ['a message that is called like one of the library’s own', '{"type":"ws_message"}'],
  ['an error', '{"type":"error"}'],
  ['a click whose payload is null', envelope('interactive', null)],
  ['a click whose payload is a list', envelope('interactive', [])],
  ['a click that is empty', envelope('interactive', {})],
  ['a command whose payload is a word', envelope('slash_commands', 'help')],
  [
    'a command without an envelope',
    JSON.stringify({ type: 'slash_commands', payload: slashOf('U0ERIN', 'help') }),
  ],
  [
    'a very long message',
    JSON.stringify({ type: 'interactive', envelope_id: 'x', payload: { text: 'x'.repeat(60_000) } }),
  ],
];

describe('on its socket the bot survives', () => {
  test.each(ODD)('%s', async (_what, text) => {
    const one = await scene();
    await one.connected();
    one.server.send(text);
    await serves(one);
    expect(one.server.connections()).toBe(1);
  });

  test('bytes', async () => {
    const one = await scene();
    await one.connected();
    one.server.sendBinary(Buffer.from([0, 255, 1]));
    await serves(one);
  });

  test('a hundred greetings', async () => {
    const one = await scene();
    await one.connected();
    for (let at = 0; at < 100; at += 1) one.server.send('{"type":"hello"}');
    await serves(one);
    expect(one.server.connections()).toBe(1);
  });

  test('the end of a connection on which Slack greeted twice', async () => {
    const one = await scene();
    await one.connected();
    one.server.send('{"type":"hello"}');
    await serves(one);
    one.server.cut();
    await soon(() => expect(one.server.connections()).toBe(2), 15_000);
    await serves(one);
  });

  test('being sent away as soon as it comes, and does not come back at once', async () => {
    const one = await scene();
    one.server.greetWith((send) => {
      send('{"type":"hello"}');
      send('{"type":"disconnect","reason":"refresh_requested"}');
    });
    await soon(() => expect(one.server.connections()).toBeGreaterThan(3), 15_000);
    expect(one.asked()).toBeLessThan(60);
    one.server.greetWith((send) => send('{"type":"hello"}'));
    await serves(one);
  });

  test('cut connections', async () => {
    const one = await scene();
    for (let at = 1; at <= 3; at += 1) {
      await soon(() => expect(one.server.connections()).toBe(at), 15_000);
      await serves(one);
      one.server.cut();
    }
    await serves(one);
  });

  test.each<[string, Fault]>([
    ['invalid_auth', { error: 'invalid_auth' }],
    ['internal_error', { error: 'internal_error' }],
    ['500', 'http-500'],
    ['nothing', 'reset'],
  ])('a Slack that answers %s for a while when it wants to come back', async (_what, fault) => {
    const one = await scene((nth) => (nth > 1 && nth < 6 ? fault : undefined));
    await one.connected();
    await serves(one);
    one.server.cut();
    await soon(() => expect(one.asked()).toBe(6), 15_000);
    await serves(one);
  });
});

describe('a request that comes twice', () => {
  const approvals = ({ entries }: { entries: readonly { event: { kind: string } }[] }) =>
    entries.filter(({ event }) => event.kind === 'approved').length;

  test.each([
    ['a click', () => envelope('interactive', clickOf('U0OLGA', 'approve', 'r1:t0', '9'), 'same')],
    [
      'a mention, which Slack repeats',
      () => envelope('events_api', mentionOf('U0OLGA', 'approve r1'), 'same'),
    ],
    ['a command', () => envelope('slash_commands', slashOf('U0OLGA', 'approve r1'), 'same')],
  ])('as %s is acknowledged each time and done once', async (_what, make) => {
    const one = await scene();
    one.append('r1', ...eventsTo('proposed', { quorum: 2 }));
    await one.connected();
    const text = make();
    for (let at = 0; at < 5; at += 1) one.server.send(text);
    await soon(() => expect(one.server.received.filter((ack) => ack.includes('same'))).toHaveLength(5));
    await serves(one);
    expect(approvals(one)).toBe(1);
  });
});
