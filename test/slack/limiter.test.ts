import { afterEach, describe, expect, test } from 'vitest';
import type { Inbound } from '../../src/slack/inbound.js';
import { limiter, MOST } from '../../src/slack/limiter.js';
import { ANN, BOB } from '../run/scene.js';
import { cloudFor, type SignedBot, signedBot } from './signed-bot.js';

const asked = (text: string, kind: Inbound['kind'] = 'slash', user = 'U0ANN'): Inbound => ({
  kind,
  key: text,
  teams: ['T0TEST'],
  enterprise: undefined,
  app: undefined,
  sharedOutside: false,
  user,
  userName: undefined,
  channel: 'C0OPS',
  thread: undefined,
  threaded: false,
  clicked: undefined,
  responseUrl: undefined,
  text,
});

describe('one person', () => {
  const scene = () => {
    let now = 1_000_000;
    const limits = limiter({ now: () => now });
    const ask = (...said: Parameters<typeof asked>) => limits.tooMany(asked(...said), { name: 'Ann' })?.code;
    const times = (count: number, ...said: Parameters<typeof asked>) =>
      Array.from({ length: count }, () => ask(...said)).filter((code) => code === undefined).length;
    const after = (ms: number): void => {
      now += ms;
    };
    return { limits, ask, times, after };
  };

  test('may type ten commands in a minute, by whichever door', () => {
    const { times, ask } = scene();
    expect(times(6, 'status') + times(6, 'status', 'mention')).toBe(MOST.typed);
    expect(ask('status')).toBe('too-many');
  });

  test('is never refused a way to stop a run, typed or clicked', () => {
    const { times } = scene();
    times(500, 'status');
    times(500, 'approve r1:t1', 'button');
    expect(times(500, 'rollback r1')).toBe(500);
    expect(times(500, 'Rollback r1 restored "last night"')).toBe(500);
    expect(times(500, 'rollback r1:t3', 'button')).toBe(500);
    expect(times(500, 'cancel r1:t3', 'button')).toBe(500);
  });

  test('may click thirty times, though ten commands are used up', () => {
    const { times } = scene();
    times(20, 'status');
    expect(times(50, 'approve r1:t1', 'button')).toBe(MOST.clicks);
  });

  test('takes nothing from another one', () => {
    const { times } = scene();
    times(500, 'status');
    expect(times(5, 'status', 'slash', 'U0BOB')).toBe(5);
  });

  test('may go on a minute later', () => {
    const { times, after } = scene();
    times(500, 'status');
    after(60_001);
    expect(times(500, 'status')).toBe(MOST.typed);
  });

  test('is told why no more than thirty times in a minute', () => {
    const { limits } = scene();
    expect(Array.from({ length: 100 }, () => limits.mayAnswer(asked('status'))).filter(Boolean)).toHaveLength(
      MOST.answers,
    );
  });
});

describe('requests that wait', () => {
  const running: SignedBot[] = [];
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
  });

  test('are at most three of one person; a fourth is refused with the way out, and another person may still ask', async () => {
    const people = [ANN, BOB].map(({ id, name }) => ({ name, slack: id, roles: ['operator', 'approver'] }));
    const services = ['cinder', 'placement', 'glance', 'keystone'];
    const bot = await signedBot({ scene: await cloudFor({ people, services }) });
    running.push(bot);
    const ask = (by: typeof ANN, service: string) =>
      bot.app.upgrade(by, { service, to: '2025.2', overrides: { backup: 'mysqldump of last night' } });
    const [first] = [await ask(ANN, 'cinder'), await ask(ANN, 'placement'), await ask(ANN, 'glance')];
    await expect(ask(ANN, 'keystone')).rejects.toMatchObject({
      code: 'too-many-open',
      wayOut: expect.stringContaining(`cancel ${first?.id}`),
    });
    await bot.app.cancel(ANN, first?.id ?? '');
    expect((await ask(ANN, 'keystone')).phase).toBe('proposed');
    expect((await ask(BOB, 'cinder')).phase).toBe('proposed');
  });
});
