import { afterEach, describe, expect, test } from 'vitest';
import type { Run } from '../../src/run/run.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB } from '../run/scene.js';
import { soon } from './fake-app.js';
import {
  clickOf,
  cloudFor,
  type Signed,
  type SignedBot,
  signed,
  signedBot,
  slashOf,
  wired,
} from './signed-bot.js';

const CLICKS = 10_000;
/** Identical clicks never get beyond the reception, so that two verbs stand for all; the others are a sample. */
const FEWER = 1_000;

const running: SignedBot[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

const botOver = async (options: Parameters<typeof cloudFor>[0], journal?: SignedBot['journal']) => {
  const bot = await signedBot({ scene: await cloudFor(options), ...(journal ? { journal } : {}) });
  running.push(bot);
  return bot;
};

const TWO = [
  { name: 'Ann', slack: ANN.id, login: 'ann', roles: ['operator', 'approver'] },
  { name: 'Bob', slack: BOB.id, roles: ['operator', 'approver'] },
  { name: 'Zoe', slack: 'U0ZOE', roles: ['operator', 'approver'] },
];

const OPTIONS = { people: TWO };
const NEVER_WELL = {
  ...OPTIONS,
  releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' as const }],
  config: { policy: { on_failure: 'ask' } },
};

const requested = async ({ app }: SignedBot): Promise<Run> =>
  app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });

const settledAfter = async (bot: SignedBot): Promise<Run> => {
  const { id } = await requested(bot);
  await bot.app.approve(BOB, id);
  return bot.app.settled(id);
};

/** For each verb a run that waits for it, and the events that say it was decided and done. */
const CASES = [
  { verb: 'approve', kinds: ['approved', 'started'], options: OPTIONS, ready: requested },
  { verb: 'rollback', kinds: ['rollback', 'rolled-back'], options: OPTIONS, ready: settledAfter },
  { verb: 'finalize', kinds: ['finalizing', 'finalized'], options: OPTIONS, ready: settledAfter },
  { verb: 'resume', kinds: ['resumed'], options: NEVER_WELL, ready: settledAfter },
] as const;

const refOf = (run: Run, verb: string): string =>
  verb === 'approve' ? `${run.id}:${run.fingerprint.slice(0, 12)}:t${run.turn}` : `${run.id}:t${run.turn}`;

/** How often each was done. */
const countsOf = async (bot: SignedBot, kinds: readonly string[]): Promise<readonly number[]> => {
  const deeds = await bot.deeds();
  return kinds.map((kind) => deeds.filter((deed) => deed === kind).length);
};

/** The same, each once more. */
const oncePlus = (counts: readonly number[]): readonly number[] => counts.map((count) => count + 1);

const request = (payload: Record<string, unknown>): Signed => {
  const body = wired(payload);
  return { body, headers: signed(body) };
};

const allOf = async (bot: SignedBot, requests: readonly Signed[]): Promise<void> => {
  const answers = await Promise.all(requests.map(bot.post));
  expect(new Set(answers)).toEqual(new Set([200]));
};

/** Sends all of them at once; once each is answered, refused, limited or dropped, and the run rests, it returns. */
const servedAll = async (bot: SignedBot, requests: readonly Signed[], id: string): Promise<void> => {
  const before = bot.served();
  await allOf(bot, requests);
  await soon(() => expect(bot.served() - before).toBe(requests.length), 220_000);
  await bot.app.settled(id);
};

describe.each(CASES)('of thousands of clicks on $verb', ({ verb, kinds, options, ready }) => {
  const same = verb === 'approve' || verb === 'rollback' ? CLICKS : FEWER;

  test(`all ${same} the same, delivered at once, exactly one is executed`, { timeout: 240_000 }, async () => {
    const bot = await botOver(options);
    const run = await ready(bot);
    const before = await countsOf(bot, kinds);
    const one = request(clickOf('U0ZOE', verb, refOf(run, verb), '77'));
    const clicks = Array.from({ length: same }, () => one);
    await servedAll(bot, clicks, run.id);
    expect(bot.served()).toBe(same);
    expect(await countsOf(bot, kinds)).toEqual(oncePlus(before));
  });

  test(`${CLICKS} by two people at once, exactly one is executed`, { timeout: 240_000 }, async () => {
    const bot = await botOver(options);
    const run = await ready(bot);
    const before = await countsOf(bot, kinds);
    const clicks = Array.from({ length: CLICKS }, (_none, at) =>
      request(clickOf(at % 2 === 0 ? 'U0ZOE' : BOB.id, verb, refOf(run, verb))),
    );
    await servedAll(bot, clicks, run.id);
    expect(bot.served()).toBe(CLICKS);
    expect(await countsOf(bot, kinds)).toEqual(oncePlus(before));
  });
});

describe('what was signed once', () => {
  const captured = async (bot: SignedBot, verb: string, run: Run): Promise<Signed> => {
    const one = request(clickOf('U0ZOE', verb, refOf(run, verb)));
    await servedAll(bot, [one], run.id);
    return one;
  };

  /** Another process over the same journal and cloud, after the first has ended. */
  const reborn = async (bot: SignedBot): Promise<SignedBot> => {
    running.splice(running.indexOf(bot), 1);
    await bot.stop();
    const again = await signedBot({ scene: bot.scene, journal: outliving.get(bot) ?? bot.journal });
    running.push(again);
    return again;
  };

  /** The journal without its end, which a process of its own would have opened anew. */
  const outliving = new Map<SignedBot, SignedBot['journal']>();
  const lasting = async (options: Parameters<typeof cloudFor>[0]): Promise<SignedBot> => {
    const journal = memoryJournal();
    const bot = await botOver(options, { ...journal, close: async () => undefined });
    outliving.set(bot, { ...journal, close: async () => undefined });
    return bot;
  };

  test('is done once, though it is replayed 10,000 times, half of them after a restart', {
    timeout: 240_000,
  }, async () => {
    const first = await lasting(OPTIONS);
    const run = await settledAfter(first);
    const stolen = await captured(first, 'rollback', run);
    const typed = request(slashOf('U0ZOE', 'hold placement "nobody touches it"'));
    await servedAll(first, [typed], run.id);
    await first.app.unhold(ANN, 'placement');
    await first.app.unhold(ANN, 'cinder');
    const before = await first.deeds();
    expect(before.filter((deed) => deed === 'rollback')).toHaveLength(1);
    const half = Array.from({ length: CLICKS / 2 }, (_none, at) => (at % 2 === 0 ? stolen : typed));
    await servedAll(first, half, run.id);
    expect(first.served()).toBe(2 + CLICKS / 2);
    expect(await first.deeds()).toEqual(before);
    // Slack signs by the second; nothing of the next second can have been served by the first process.
    await new Promise((resolve) => setTimeout(resolve, 1_001));
    const second = await reborn(first);
    const answers = await Promise.all(half.map(second.post));
    expect(new Set(answers)).toEqual(new Set([401]));
    // Of the replayed ones none gets as far as to be served; what comes behind them is.
    await servedAll(second, [request(slashOf('U0ZOE', 'services'))], run.id);
    expect(second.served()).toBe(1);
    expect(await second.deeds()).toEqual(before);
  });

  test.each(CASES)(
    'is done once where Slack itself delivers a click on $verb again after a restart',
    async ({ verb, kinds, options, ready }) => {
      const first = await lasting(options);
      const run = await ready(first);
      const before = await countsOf(first, kinds);
      const { body } = await captured(first, verb, run);
      expect(await countsOf(first, kinds)).toEqual(oncePlus(before));
      const second = await reborn(first);
      await servedAll(
        second,
        Array.from({ length: 20 }, () => ({ body, headers: signed(body) })),
        run.id,
      );
      expect(second.served()).toBe(20);
      expect(await countsOf(second, kinds)).toEqual(oncePlus(before));
      expect(JSON.stringify(second.slack.ephemerals())).toContain('that button was drawn before');
    },
  );
});
