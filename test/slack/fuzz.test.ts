import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Random, randomFrom } from '../../src/sim/random.js';
import { ANN } from '../run/scene.js';
import { soon } from './fake-app.js';
import { garbled, mutated } from './fuzzing.js';
import {
  clickOf,
  cloudFor,
  mentionOf,
  type SignedBot,
  signed,
  signedBot,
  slashOf,
  wired,
} from './signed-bot.js';
import { unhandledRejections } from './unhandled.js';

const PAYLOADS = 10_000;
const APPROVERS = Array.from({ length: 400 }, (_none, at) => `U0APP${at}`);
const VERBS = [
  'approve',
  'reject',
  'cancel',
  'rollback',
  'resume',
  'finalize',
  'hold',
  'unhold',
  'upgrade',
  'review',
];

let bot: SignedBot;
let ref: string;
const unhandled = unhandledRejections();

beforeAll(async () => {
  const people = [
    { name: 'Ann', slack: ANN.id, login: 'ann', roles: ['operator'] },
    { name: 'Vera', slack: 'U0VERA', roles: ['viewer'] },
    ...APPROVERS.map((slack) => ({ name: slack, slack, roles: ['operator', 'approver'] })),
  ];
  bot = await signedBot({ scene: await cloudFor({ people, config: { policy: { approvals: 400 } } }) });
  const run = await bot.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  ref = `${run.id}:${run.fingerprint.slice(0, 12)}:t${run.turn}`;
});
afterAll(() => bot.stop());

type Payload = Record<string, unknown>;

/** Somebody who may do nothing at all here. */
const stranger = (random: Random): string =>
  random.pick([`U0X${random.int(5_000)}`, `W0X${random.int(5_000)}`, 'U0VERA', 'U0BOT', 'USLACKBOT']);

const wordsOf = (random: Random, verb: string): string =>
  random.pick([`${verb} cinder`, `${verb} ${ref}`, verb, `${verb} cinder "a reason of some length"`]);

const payloadOf = (random: Random, user: string): Payload => {
  const verb = random.pick(VERBS);
  return random.pick<() => Payload>([
    () => slashOf(user, wordsOf(random, verb)),
    () => clickOf(user, verb, ref),
    () => clickOf(user, verb, ref),
    () => mentionOf(user, wordsOf(random, verb)),
  ])();
};

/** What takes the authority from a click of somebody who has it, each of it alone. */
const BREAKS: readonly ((random: Random, click: Payload) => Payload)[] = [
  (_random, click) => ({ ...click, team: { id: 'T0OTHER' } }),
  (_random, click) => ({ ...click, team: undefined }),
  (_random, click) => ({ ...click, team: null }),
  (_random, click) => ({ ...click, enterprise: { id: 'E0OTHER' } }),
  (_random, click) => ({ ...click, api_app_id: 'A0OTHER' }),
  (_random, click) => ({ ...click, api_app_id: undefined }),
  (random, click) => ({ ...click, user: random.pick(APPROVERS) }),
  (random, click) => ({ ...click, user: { id: random.pick(APPROVERS), team_id: 'T0OTHER' } }),
  (random, click) => ({ ...click, user: [{ id: random.pick(APPROVERS) }] }),
  (_random, click) => ({ ...click, channel: { id: 'C0ELSE' } }),
  (_random, click) => ({ ...click, channel: 'C0OPS' }),
  (_random, click) => ({ ...click, container: { type: 'view', view_id: 'V1' } }),
  (_random, click) => ({ ...click, type: 'view_submission' }),
  (_random, click) => ({ ...click, type: 'shortcut', callback_id: 'stackswap:approve' }),
  (_random, click) => ({ ...click, type: 'message_action', callback_id: 'stackswap:approve' }),
  (_random, click) => ({ ...click, type: 'block_suggestion' }),
  ...[{ run: 'r1' }, ['r1'], 1, null, true].map(
    (value) => (_random: Random, click: Payload) => withAction(click, { value }),
  ),
  (_random, click) => withAction(click, { value: ref.split(':')[0] }),
  (_random, click) => withAction(click, { value: ref.replace(/t\d+$/, 't7') }),
  (_random, click) => withAction(click, { value: ref.replace(/:[0-9a-f]{12}:/, ':000000000000:') }),
  (_random, click) => withAction(click, { value: `rother:${ref.split(':').slice(1).join(':')}` }),
  (_random, click) => withAction(click, { type: 'static_select', selected_option: { value: ref } }),
  (_random, click) => withAction(click, { action_id: 'other:approve' }),
  (_random, click) => withAction(click, { action_id: 'stackswap:__proto__' }),
  (_random, click) => withAction(click, { action_id: 'stackswap:constructor' }),
  (_random, click) => ({ ...click, actions: [] }),
  (_random, click) => ({
    ...click,
    actions: [...(click.actions as unknown[]), ...(click.actions as unknown[])],
  }),
];

const withAction = (click: Payload, change: Payload): Payload => ({
  ...click,
  actions: (click.actions as Payload[]).map((one) => ({ ...one, ...change })),
});

const bodyFrom = (random: Random): string => {
  const kind = random.weighted({ stranger: 5, broken: 4, garbled: 1 });
  if (kind === 'stranger') return wired(mutated(random, payloadOf(random, stranger(random))));
  if (kind === 'garbled') return garbled(random, wired(payloadOf(random, stranger(random))));
  return wired(random.pick(BREAKS)(random, clickOf(random.pick(APPROVERS), 'approve', ref)));
};

const sentAll = async (bodies: readonly Parameters<SignedBot['post']>[0][]): Promise<Map<number, number>> => {
  const counts = new Map<number, number>();
  await Promise.all(
    bodies.map(async (body) => {
      const status = await bot.post(body);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }),
  );
  return counts;
};

/**
 * Somebody who may approves, and it counts: the bot lives and serves, and since it serves in order, it has served all
 * that came before. That one approval is all that was done since `before`.
 */
const onlyServes = async (user: string, before: readonly string[]): Promise<void> => {
  await bot.say(wired(clickOf(user, 'approve', ref)));
  const approvals = (deeds: readonly string[]): number => deeds.filter((deed) => deed === 'approved').length;
  await soon(async () => expect(approvals(await bot.deeds())).toBe(approvals(before) + 1), 30_000);
  expect(await bot.deeds()).toHaveLength(before.length + 1);
};

describe('10,000 payloads that are signed', () => {
  test('and are not what they should be, or come from nobody who may, do nothing and break nothing', {
    timeout: 240_000,
  }, async () => {
    const random = randomFrom(20_261_122);
    const before = await bot.deeds();
    const bodies = Array.from({ length: PAYLOADS }, () => bodyFrom(random));
    const counts = await sentAll(bodies.map((body) => ({ body, headers: signed(body) })));
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(PAYLOADS);
    expect([...counts.keys()].filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
    await onlyServes('U0APP398', before);
    expect(bot.log.filter(({ bug }) => bug !== undefined)).toEqual([]);
    expect(unhandled).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    // A good part of them was well enough made to be understood, and was refused in words.
    const refused = bot.slack.ephemerals().length + bot.slack.responses.length;
    expect(refused).toBeGreaterThan(1_000);
  });
});

describe('10,000 requests of somebody who may', () => {
  const now = (): number => Date.now() / 1_000;
  const forgedFrom = (random: Random, body: string) => {
    const headers = signed(body);
    const signature = headers['x-slack-signature'];
    const time = headers['x-slack-request-timestamp'];
    const without = (name: string) =>
      Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
    return random.pick<() => Record<string, string>>([
      () => signed(body, { secret: random.pick(['', 'guessed', 'signs-everything ', 'SIGNS-EVERYTHING']) }),
      () => signed(body, { time: now() - random.between(301, 100_000) }),
      // So far ahead that it still is when the last of 10,000 is served.
      () => signed(body, { time: now() + random.between(400, 100_000) }),
      () => signed(`${body} `),
      () => without('x-slack-signature'),
      () => without('x-slack-request-timestamp'),
      () => ({
        ...headers,
        'x-slack-signature': signature.replace('v0=', random.pick(['v1=', '', 'v0', 'sha256='])),
      }),
      () => ({ ...headers, 'x-slack-signature': signature.slice(0, random.between(0, 66)) }),
      () => ({ ...headers, 'x-slack-signature': `${signature}0` }),
      () => ({ ...headers, 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
      () => ({
        ...headers,
        'x-slack-request-timestamp': random.pick([
          '',
          'NaN',
          'Infinity',
          '-1',
          '1e99',
          `${time}.5`,
          `${Number(time) + 1}`,
        ]),
      }),
    ])();
  };

  test('that are forged, stale, from the future, or not signed, are all refused', {
    timeout: 240_000,
  }, async () => {
    const random = randomFrom(61);
    const before = await bot.deeds();
    const requests = Array.from({ length: PAYLOADS }, () => {
      const body = wired(clickOf(random.pick(APPROVERS), 'approve', ref));
      return {
        body,
        headers: { ...forgedFrom(random, body), 'content-type': 'application/x-www-form-urlencoded' },
      };
    });
    expect(await sentAll(requests)).toEqual(new Map([[401, PAYLOADS]]));
    await onlyServes('U0APP399', before);
  });
});
