import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudEvent, RunEvent } from '../../src/run/event.js';
import type { Run } from '../../src/run/run.js';
import { randomFrom } from '../../src/sim/random.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN } from '../run/scene.js';
import { soon } from './fake-app.js';
import { mutated } from './fuzzing.js';
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

/** As many commands of one person as are served in a minute. */
const EACH = 10;

const several = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_none, at) => `U0${name}${at}`);

type Doing = {
  readonly who: readonly string[];
  readonly role: string;
  readonly verb: string;
  readonly words: (ref: string) => string;
  readonly value: (ref: string) => string;
  /** What it does if nothing is wrong with it; absent where the person may not. */
  readonly effect?: string;
};

/** Each person says one thing only, so that what may come of it is known. */
const DOINGS: readonly Doing[] = [
  {
    who: several(120, 'YES'),
    role: 'approver',
    verb: 'approve',
    words: (ref) => `approve ${ref.split(':')[0]}`,
    value: (ref) => ref,
    effect: 'approved',
  },
  {
    who: several(50, 'HOLD'),
    role: 'operator',
    verb: 'hold',
    words: () => 'hold placement "nobody touches it"',
    value: () => 'placement "nobody touches it"',
    effect: 'held',
  },
  {
    who: several(40, 'ASK'),
    role: 'approver',
    verb: 'upgrade',
    words: () => 'upgrade placement to 2025.2',
    value: () => 'placement to 2025.2',
  },
  {
    who: several(40, 'OPS'),
    role: 'operator',
    verb: 'approve',
    words: (ref) => `approve ${ref.split(':')[0]}`,
    value: (ref) => ref,
  },
];
const LAST = 'U0LAST';
/** One more than ever send something, so that the run never starts. */
const QUORUM = 160;

let bot: SignedBot;
let run: Run;
const unhandled = unhandledRejections();
const journaled: (RunEvent | CloudEvent)[] = [];

beforeAll(async () => {
  const people = [
    { name: 'Ann', slack: ANN.id, roles: ['operator'] },
    { name: 'Last', slack: LAST, roles: ['approver'] },
    ...DOINGS.flatMap(({ who, role }) => who.map((slack) => ({ name: slack, slack, roles: [role] }))),
  ];
  const kept = memoryJournal();
  const journal: typeof kept = {
    ...kept,
    append: (id, event) => {
      journaled.push(event);
      return kept.append(id, event);
    },
    appendCloud: (event) => {
      journaled.push(event);
      return kept.appendCloud(event);
    },
  };
  bot = await signedBot({
    scene: await cloudFor({ people, config: { policy: { approvals: QUORUM } } }),
    journal,
  });
  run = await bot.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
});
afterAll(() => bot.stop());

const effects = (): readonly string[] =>
  journaled.flatMap((event) =>
    event.kind === 'requested' || event.kind === 'posted'
      ? []
      : [`${event.kind} ${'by' in event ? event.by.id : 'nobody'}`],
  );

test('2,500 mutated payloads of people with a role do what each may do unmutated, and nothing else', {
  timeout: 240_000,
}, async () => {
  const random = randomFrom(340_176);
  const ref = `${run.id}:${run.fingerprint.slice(0, 12)}:t${run.turn}`;
  const calls = bot.scene.cloud.calls.length;
  const payloads = DOINGS.flatMap(({ who, verb, words, value }) =>
    who.flatMap((user) =>
      Array.from({ length: EACH }, () =>
        mutated(
          random,
          random.pick<() => Record<string, unknown>>([
            () => clickOf(user, verb, value(ref)),
            () => slashOf(user, words(ref)),
            () => mentionOf(user, words(ref)),
          ])(),
        ),
      ),
    ),
  );
  expect(payloads).toHaveLength(2_500);
  const bodies = payloads.map(wired);
  const statuses = await Promise.all(bodies.map((body) => bot.post({ body, headers: signed(body) })));
  expect(statuses.filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
  await bot.say(wired(clickOf(LAST, 'approve', ref)));
  await soon(() => expect(effects()).toContain(`approved ${LAST}`), 120_000);

  const allowed = DOINGS.flatMap(({ who, effect }) => (effect ? who.map((user) => `${effect} ${user}`) : []));
  const done = effects().filter((effect) => effect !== `approved ${LAST}`);
  expect(done.filter((effect) => !allowed.includes(effect))).toEqual([]);
  // Many a mutation harms nothing that counts: a payload that is still understood is served.
  const approved = done.filter((effect) => effect.startsWith('approved'));
  expect(approved.length).toBeGreaterThan(50);
  expect(new Set(approved).size).toBe(approved.length);
  expect(new Set(done).size).toBeGreaterThan(approved.length);
  const approvals = journaled.filter((event) => event.kind === 'approved');
  expect(new Set(approvals.map(({ fingerprint }) => fingerprint))).toEqual(new Set([run.fingerprint]));
  expect(Object.keys(bot.journal.state().runs)).toEqual([run.id]);
  expect(Object.keys(bot.journal.state().holds)).toEqual(['placement']);
  expect(bot.scene.cloud.calls).toHaveLength(calls);
  expect(bot.log.filter(({ bug }) => bug !== undefined)).toEqual([]);
  expect(unhandled).toEqual([]);
});
