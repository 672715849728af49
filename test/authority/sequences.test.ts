import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decisionsOf } from '../../src/app/deciding.js';
import { exclusiveSection } from '../../src/app/exclusive.js';
import { admission, guard } from '../../src/app/guard.js';
import { holdsOf } from '../../src/app/holding.js';
import { LISTED_ONLY } from '../../src/authority/directory.js';
import { recogniser } from '../../src/authority/known.js';
import { Refusal } from '../../src/errors.js';
import type { Actor } from '../../src/run/event.js';
import type { Workshop } from '../../src/run/runner.js';
import { memoryJournal } from '../../src/store/memory.js';
import { AT_REST, configWith, EMPTY_PLAN } from './desk.js';

/** Ann has two accounts and a login; Bob has a login, too; Vera only looks; Eve is nobody here. */
const PEOPLE = [
  {
    name: 'Ann',
    slack: 'U0ANN',
    slack_also: ['U0ANN2'],
    login: 'ann',
    roles: ['operator', 'approver', 'breakglass'],
  },
  { name: 'Bob', slack: 'U0BOB', login: 'bob', roles: ['approver'] },
  { name: 'Cleo', slack: 'U0CLEO', roles: ['approver'] },
  { name: 'Dan', slack: 'U0DAN', roles: ['operator'] },
  { name: 'Vera', slack: 'U0VERA', roles: ['viewer'] },
];

const ACCOUNTS: Readonly<Record<string, { person: string; door: Actor['door'] }>> = {
  U0ANN: { person: 'Ann', door: 'slack' },
  U0ANN2: { person: 'Ann', door: 'slack' },
  ann: { person: 'Ann', door: 'cli' },
  U0BOB: { person: 'Bob', door: 'slack' },
  bob: { person: 'Bob', door: 'cli' },
  U0CLEO: { person: 'Cleo', door: 'slack' },
  U0DAN: { person: 'Dan', door: 'slack' },
  U0VERA: { person: 'Vera', door: 'slack' },
  U0EVE: { person: 'Eve', door: 'slack' },
};

const APPROVERS = ['Ann', 'Bob', 'Cleo'];
const DECIDERS = [...APPROVERS, 'Dan'];

const VERBS = [
  'approve',
  'withdraw',
  'reject',
  'cancel',
  'breakGlass',
  'finalize',
  'resume',
  'rollback',
] as const;
type Said = { readonly account: string; readonly verb: (typeof VERBS)[number] };

/** What should have come of it, told by people’s names alone. */
type Model = { phase: string; words: string[]; glass: boolean };

const stepOf = (model: Model, { account, verb }: Said, quorum: number): Model => {
  const { person = '', door } = ACCOUNTS[account] ?? {};
  const open = model.phase === 'proposed';
  const waiting = open || model.phase === 'approved';
  if (
    verb === 'approve' &&
    open &&
    APPROVERS.includes(person) &&
    person !== 'Ann' &&
    !model.words.includes(person)
  ) {
    const words = [...model.words, person];
    return { ...model, words, phase: words.length >= quorum ? 'approved' : 'proposed' };
  }
  if (verb === 'withdraw' && waiting && !model.glass && model.words.includes(person))
    return { ...model, words: model.words.filter((one) => one !== person), phase: 'proposed' };
  if (verb === 'reject' && waiting && DECIDERS.includes(person)) return { ...model, phase: 'rejected' };
  if (verb === 'cancel' && waiting && DECIDERS.includes(person)) return { ...model, phase: 'cancelled' };
  if (verb === 'breakGlass' && open && person === 'Ann' && door === 'cli')
    return { ...model, glass: true, phase: 'approved' };
  return model;
};

const stage = async (quorum: number) => {
  const config = configWith({ people: PEOPLE, policy: { approvals: quorum } });
  const journal = memoryJournal({ clock: () => 0 });
  await journal.append('r1', {
    kind: 'requested',
    plan: EMPTY_PLAN,
    fingerprint: 'f',
    by: { id: 'U0ANN', name: 'Ann', door: 'slack' },
    quorum,
    requesterCounts: false,
    expiresAt: '2036-11-22T10:30:00.000Z',
    onFailure: 'roll-back',
  });
  const recognise = recogniser(config, LISTED_ONLY);
  const workshop = { journal, config, clock: { now: () => 0 }, tail: String } as unknown as Workshop;
  const exclusive = exclusiveSection();
  const decisions = decisionsOf({ workshop, background: AT_REST, exclusive, recognise, newId: () => 'r2' });
  const looks = { status: undefined, doctor: undefined, plan: undefined, history: undefined };
  const methods = { ...decisions, ...holdsOf(workshop), ...looks } as unknown as Parameters<typeof guard>[0];
  return { journal, app: guard(methods, admission(config, recognise)) };
};

const play = async (said: readonly Said[], quorum: number, atOnce: boolean) => {
  const { journal, app } = await stage(quorum);
  const say = async ({ account, verb }: Said): Promise<void> => {
    const actor: Actor = { id: account, name: account, door: ACCOUNTS[account]?.door ?? 'slack' };
    try {
      if (verb === 'breakGlass') await app.breakGlass(actor, 'r1', 'the API is down, nobody answers');
      else await app[verb](actor, 'r1');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  };
  if (atOnce) await Promise.all(said.map(say));
  else for (const one of said) await say(one);
  const run = journal.state().runs.r1;
  if (!run) throw new Error('the run is gone');
  return { run, events: await journal.eventsOf('r1') };
};

const sequences = fc.array(
  fc.record({
    account: fc.constantFrom(...Object.keys(ACCOUNTS)),
    verb: fc.oneof(
      { weight: 5, arbitrary: fc.constant('approve' as const) },
      { weight: 3, arbitrary: fc.constant('withdraw' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...VERBS) },
    ),
  }),
  { maxLength: 25 },
);
const quorums = fc.integer({ min: 1, max: 3 });

describe('whoever says whatever in whatever order', () => {
  test('comes to what the rules say, told by people and not by accounts', { timeout: 60_000 }, async () => {
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(sequences, quorums, async (said, quorum) => {
        const { run } = await play(said, quorum, false);
        const start: Model = { phase: 'proposed', words: [], glass: false };
        const model = said.reduce((now, one) => stepOf(now, one, quorum), start);
        reached.add(model.phase);
        expect({
          phase: run.phase,
          words: run.approvals.map(({ name }) => name),
          glass: run.brokeGlass !== undefined,
        }).toEqual(model);
      }),
      { numRuns: 2_000, seed: 4 },
    );
    expect([...reached].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'approved',
      'cancelled',
      'proposed',
      'rejected',
    ]);
  });

  test('at once: a run is approved only by enough people who did not ask, each once', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(sequences, quorums, async (said, quorum) => {
        const { run, events } = await play(said, quorum, true);
        const words = run.approvals.map(({ name }) => name);
        expect(words).not.toContain('Ann');
        expect(new Set(words).size).toBe(words.length);
        expect(words.every((name) => APPROVERS.includes(name))).toBe(true);
        if (run.phase === 'approved' && !run.brokeGlass) expect(words.length).toBe(quorum);
        if (run.phase === 'proposed') expect(words.length).toBeLessThan(quorum);
        const ends = events.filter(({ event }) => ['rejected', 'cancelled'].includes(event.kind));
        expect(ends.length).toBeLessThanOrEqual(1);
        if (ends.length === 1) expect(events.at(-1)?.event.kind).toBe(ends[0]?.event.kind);
      }),
      { numRuns: 1_000, seed: 4 },
    );
  });
});

describe('an approval', () => {
  test('counts for the plan of one run only: references swapped among 1,000 runs let none through', async () => {
    const config = configWith({ people: PEOPLE });
    const journal = memoryJournal({ clock: () => 0 });
    const prints = Array.from({ length: 1_000 }, (_run, at) =>
      (at * 7_919).toString(16).padStart(64, 'a1b2c3'),
    );
    for (const [at, fingerprint] of prints.entries())
      await journal.append(`r${at}`, {
        kind: 'requested',
        plan: EMPTY_PLAN,
        fingerprint: fingerprint.split('').toReversed().join(''),
        by: { id: 'U0DAN', name: 'Dan', door: 'slack' },
        quorum: 1,
        requesterCounts: false,
        expiresAt: '2036-11-22T10:30:00.000Z',
        onFailure: 'roll-back',
      });
    const recognise = recogniser(config, LISTED_ONLY);
    const decisions = decisionsOf({
      workshop: { journal, config, clock: { now: () => 0 } } as unknown as Workshop,
      background: AT_REST,
      exclusive: exclusiveSection(),
      recognise,
      newId: () => 'x',
    });
    const bob = await recognise({ id: 'U0BOB', name: 'Bob', door: 'slack' });
    let through = 0;
    for (const at of prints.keys()) {
      const other = journal.state().runs[`r${(at + 1) % prints.length}`]?.fingerprint.slice(0, 12);
      await decisions.approve(bob, `r${at}`, other).then(
        () => {
          through += 1;
        },
        (error: unknown) => expect(error).toMatchObject({ code: 'plan-stale' }),
      );
    }
    expect(through).toBe(0);
    await decisions.approve(bob, 'r0', journal.state().runs.r0?.fingerprint.slice(0, 12));
    expect(journal.state().runs.r0?.phase).toBe('approved');
  });
});
