import { expect, test } from 'vitest';
import type { App } from '../../src/app.js';
import { PHASES } from '../../src/run/phase.js';
import { virtualClock } from '../../src/sim/clock.js';
import { type Random, randomFrom } from '../../src/sim/random.js';
import { announcer } from '../../src/slack/announce.js';
import { drawingChoice } from '../../src/slack/drawing.js';
import { eventsTo, theBot } from '../builders.js';
import { directClient } from '../doubles/direct-client.js';
import { type Fault, strictSlack, type Weather } from '../doubles/strict-slack.js';
import { expectRightThread, MINUTE } from './bot-in-time.js';
import { type FakeApp, fakeApp, keptLog } from './fake-app.js';

const SEEDS = 120;

const weatherFrom =
  (random: Random): Weather =>
  () => {
    const kind = random.weighted({
      good: 5,
      reset: 2,
      lost: 2,
      'http-500': 1,
      limited: 1,
      hang: 1,
      internal: 1,
    });
    const faults: Record<typeof kind, Fault | undefined> = {
      good: undefined,
      reset: 'reset',
      lost: 'lost',
      'http-500': 'http-500',
      hang: 'hang',
      limited: { limited: random.between(1, 20) },
      internal: { error: 'internal_error' },
    };
    return faults[kind];
  };

/** A run that moves through its events while Slack is bad and the bot dies now and then. */
const play = async (seed: number) => {
  const random = randomFrom(seed);
  const clock = virtualClock(Date.now(), { turns: 'ticks' });
  const slack = strictSlack({ clock, latencyMs: 120, tiers: true });
  const fake = fakeApp();

  /** One life of the process: after its death it neither journals, nor sends, nor hears an answer. */
  const born = () => {
    const alive = { now: true };
    const never = new Promise<never>(() => undefined);
    const whileAlive = async <T>(act: () => Promise<T>): Promise<T> => {
      if (!alive.now) return never;
      const done = act();
      await done.catch(() => undefined);
      return alive.now ? done : never;
    };
    const app: App = { ...fake.app, posted: (...said) => whileAlive(() => fake.app.posted(...said)) };
    const messages = announcer({
      app,
      client: directClient((url, init) => whileAlive(() => slack.fetch(url, init))),
      log: keptLog().log,
      redact: (text) => text,
      drawing: drawingChoice('rich'),
      clock,
    });
    return { messages, die: () => Object.assign(alive, { now: false }) };
  };

  let life = born();
  const bornAgain = async (): Promise<void> => {
    life.die();
    void life.messages.stop(0);
    await clock.sleep(random.between(0, 5_000));
    life = born();
    life.messages.recover(await fake.app.history(theBot));
  };

  slack.setWeather(weatherFrom(random.fork('weather')));
  for (const event of eventsTo(random.pick(PHASES))) {
    fake.append('r1', event);
    if (random.chance(0.08)) await bornAgain();
    await clock.sleep(random.pick([10, 400, 3_000, 20_000]));
  }
  await clock.sleep(random.between(0, 20_000));
  slack.setWeather(() => undefined);
  await clock.sleep(MINUTE);
  return { fake: fake satisfies FakeApp, slack, life };
};

test.each(Array.from({ length: SEEDS }, (_none, seed) => seed))(
  'after bad weather and deaths of the bot the thread is right within a minute, and nothing stands there twice (seed %i)',
  async (seed) => {
    const { fake, slack, life } = await play(seed);
    await expectRightThread(fake.app, slack, 'r1');
    expect(life.messages.idle()).toBe(true);
    expect(slack.refusals).toEqual([]);
  },
);
