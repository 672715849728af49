import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../src/sim/clock.js';
import { eventsTo } from '../builders.js';
import type { Weather } from '../doubles/strict-slack.js';
import { strictSlack } from '../doubles/strict-slack.js';
import { announced } from './announced.js';
import {
  type BotInTime,
  botInTime,
  courseOf,
  expectRightThread,
  HOUR,
  MINUTE,
  upgraded,
} from './bot-in-time.js';

/** Weather during which Slack is of little use; all of it lasts an hour. */
const STORMS: readonly (readonly [string, () => Weather])[] = [
  ['refuses every connection', () => () => 'reset'],
  ['takes connections and never answers', () => () => 'hang'],
  ['answers 500', () => () => 'http-500'],
  ['answers 429 and asks for 30 s each time', () => () => ({ limited: 30 })],
  ['says internal_error', () => () => ({ error: 'internal_error' })],
  ['takes every message and loses every answer', () => () => 'lost'],
  [
    'does one of these, another each time',
    () => {
      let turn = 0;
      return () => {
        turn += 1;
        return (['reset', 'lost', 'http-500', { limited: 7 }, undefined, 'hang', 'lost'] as const)[turn % 7];
      };
    },
  ],
];

const ENDS = [
  ['an upgrade that goes well', {}, 'upgraded'],
  ['one that goes back by itself', { release: { kind: 'never-healthy' } }, 'rolled-back'],
  ['one that asks a person', { release: { kind: 'never-healthy' }, onFailure: 'ask' }, 'paused'],
] as const;

/** Slack goes away 30 s after the request, before the approval, and is back an hour later. */
const through = async (bot: BotInTime, weather: Weather): Promise<string> => {
  const away = bot.clock.sleep(30_000).then(() => bot.slack.setWeather(weather));
  const back = bot.clock.sleep(30_000 + HOUR).then(() => bot.slack.setWeather(() => undefined));
  const id = await upgraded(bot);
  await Promise.all([away, back]);
  return id;
};

describe.each(ENDS)('%s', (_what, wish, phase) => {
  let known: Promise<readonly string[]> | undefined;
  const withoutSlack = async (): Promise<readonly string[]> => {
    const bot = await botInTime({ ...wish, slack: false });
    return courseOf(bot.journal, await upgraded(bot));
  };
  const alone = (): Promise<readonly string[]> => {
    known ??= withoutSlack();
    return known;
  };

  test('takes as long with a good Slack as without any, and its thread is right within a minute', async () => {
    const bot = await botInTime(wish);
    const id = await upgraded(bot);
    expect(await courseOf(bot.journal, id)).toEqual(await alone());
    await bot.clock.sleep(MINUTE);
    expect(bot.app.run(id).phase).toBe(phase);
    await expectRightThread(bot.app, bot.slack, id);
    expect(bot.slack.refusals).toEqual([]);
    expect(bot.slack.limitedCalls()).toBe(0);
  });

  test.each(phase === 'upgraded' ? STORMS : STORMS.filter(([how]) => /refuses|loses|each time$/.test(how)))(
    'is not held up by a Slack that %s for an hour, and its thread is right a minute later',
    async (_how, weather) => {
      const bot = await botInTime(wish);
      const id = await through(bot, weather());
      expect(await courseOf(bot.journal, id)).toEqual(await alone());
      await bot.clock.sleep(MINUTE);
      await expectRightThread(bot.app, bot.slack, id);
      expect(bot.messages?.idle()).toBe(true);
      expect(bot.slack.refusals).toEqual([]);
    },
  );
});

test('eight runs that were asked for and ended while Slack was away are told of within a minute', async () => {
  const clock = virtualClock(Date.now(), { turns: 'ticks' });
  const slack = strictSlack({ clock, latencyMs: 150, tiers: true });
  const fake = announced(slack, { clock });
  slack.setAway(true);
  for (let nth = 1; nth <= 8; nth += 1) {
    fake.append(`r${nth}`, ...eventsTo('upgraded'));
    await clock.sleep(7 * MINUTE);
  }
  slack.setAway(false);
  await clock.sleep(MINUTE);
  const shown = slack.all().map(({ metadata }) => JSON.stringify(metadata));
  expect(new Set(shown).size).toBe(shown.length);
  expect(shown).toHaveLength(8 * 5);
  expect(slack.refusals).toEqual([]);
});
