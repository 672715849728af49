import { describe, expect, test } from 'vitest';
import { allows, ROLES_FOR, type Verb } from '../../src/authority/authority.js';
import type { Known, Recognise } from '../../src/authority/known.js';
import { ROLES, type Role } from '../../src/people-config.js';
import { PHASES } from '../../src/run/phase.js';
import type { Run } from '../../src/run/run.js';
import { foldRun, runAt } from '../builders.js';
import { configWith, EMPTY_PLAN, OTHER, outcomeOf, type RunVerb, SUBJECT } from './desk.js';
import { type Account, FREE_TABLE, rowsOf, type Situation, specified, TABLE } from './specification.js';

const METHOD: Readonly<Record<string, RunVerb>> = {
  approve: 'approve',
  withdraw: 'withdraw',
  'break-glass': 'breakGlass',
  review: 'review',
  reject: 'reject',
  cancel: 'cancel',
  rollback: 'rollback',
  finalize: 'finalize',
  resume: 'resume',
};

/** All 16 sets of roles, none included. */
const ROLE_SETS: readonly (readonly Role[])[] = Array.from({ length: 2 ** ROLES.length }, (_set, bits) =>
  ROLES.filter((_role, at) => bits & (1 << at)),
);

const ACCOUNTS: readonly Account[] = ['in order', 'unfit', 'not told'];

/** The person's own part in the run: none, asked for it, approved it, broke its glass; or another one broke it. */
const PARTS = [
  {},
  { requester: true },
  { approved: true },
  { glass: 'own' },
  { glass: 'another’s' },
  { glass: 'another’s', requester: true },
] as const satisfies readonly Partial<Situation>[];

const ORDINARY: Omit<Situation, 'verb' | 'roles' | 'phase'> = {
  account: 'in order',
  door: 'slack',
  requester: false,
  requesterCounts: false,
  approved: false,
  glass: 'none',
  cut: false,
  held: false,
};

const recogniseAs =
  ({ roles, account }: Situation): Recognise =>
  async (actor): Promise<Known> => ({
    actor,
    roles,
    ...(account === 'unfit' ? { unfit: 'is a guest' } : {}),
    ...(account === 'not told' ? { untold: { why: 'no answer', again: true } } : {}),
  });

/** Phases before the start, and those that nothing ever started in. */
const UNSTARTED = ['proposed', 'approved', 'rejected', 'cancelled', 'expired', 'voided'];

const runIn = (situation: Situation): Run => {
  const { phase, requester, requesterCounts, approved, glass, cut } = situation;
  const base = runAt('proposed', { plan: EMPTY_PLAN, by: requester ? SUBJECT : OTHER, quorum: 2 });
  const words = approved ? [SUBJECT] : [];
  return {
    ...base,
    phase: phase as Run['phase'],
    requesterCounts,
    approvals: words,
    finalizeApprovals: words,
    ...(UNSTARTED.includes(phase) ? {} : { startedAt: base.requestedAt }),
    ...(cut ? { cutAt: base.requestedAt } : {}),
    ...(glass === 'none'
      ? {}
      : { brokeGlass: { by: glass === 'own' ? SUBJECT : OTHER, reason: 'x', at: base.requestedAt } }),
  };
};

const STRICT = configWith({});
const COUNTING = configWith({ policy: { requester_counts: true } });
const LATER = '2036-11-22T10:30:00.000Z';

const decidedByCode = (situation: Situation): Promise<string> => {
  const run = { ...runIn(situation), expiresAt: LATER };
  const method = METHOD[situation.verb];
  if (!method) throw new Error(`no method stands for ${situation.verb}`);
  const hold = { service: run.plan.service, by: OTHER, reason: 'audit', at: run.requestedAt };
  return outcomeOf(
    {
      config: situation.requesterCounts ? COUNTING : STRICT,
      run,
      recognise: recogniseAs(situation),
      ...(situation.held ? { hold } : {}),
    },
    { verb: situation.verb as Verb, method, actor: { ...SUBJECT, door: situation.door } },
  );
};

const RUN_ROWS = rowsOf(TABLE);
const FREE_ROWS = rowsOf(FREE_TABLE);

const inAllPhases = (change: Partial<Situation>, roleSets = ROLE_SETS): readonly Situation[] =>
  RUN_ROWS.flatMap(({ verb }) =>
    PHASES.flatMap((phase) =>
      roleSets.flatMap((roles) =>
        PARTS.map((part) => ({ ...ORDINARY, ...change, ...part, verb, phase, roles })),
      ),
    ),
  );

const of = (situations: readonly Situation[], ...verbs: readonly string[]): readonly Situation[] =>
  situations.filter(({ verb }) => verbs.includes(verb));

const ALL_ROLES = [[...ROLES]] as const;

/** Each axis against all phases and parts; together they are the table. */
const SITUATIONS: readonly Situation[] = [
  ...inAllPhases({}),
  ...inAllPhases({ door: 'cli' }),
  ...inAllPhases({ door: 'bot' }, ALL_ROLES),
  ...inAllPhases({ account: 'unfit' }, ALL_ROLES),
  ...inAllPhases({ account: 'not told' }, ALL_ROLES),
  ...of(inAllPhases({ requesterCounts: true }), 'approve', 'finalize', 'review'),
  ...of(inAllPhases({ cut: true }), 'withdraw', 'cancel'),
  ...of(inAllPhases({ held: true }), 'finalize', 'rollback'),
];

const inWords = ({ verb, roles, phase, ...rest }: Situation): string =>
  `${verb} by ${roles.join('+') || 'nobody'} in ${phase} ${JSON.stringify(rest)}`;

describe('who may do what', () => {
  test('the specification knows every verb, and no other', () => {
    expect(new Set([...RUN_ROWS, ...FREE_ROWS].map(({ verb }) => verb))).toEqual(
      new Set(Object.keys(ROLES_FOR)),
    );
  });

  test(`${SITUATIONS.length} situations of a run are decided as specified`, {
    timeout: 120_000,
  }, async () => {
    const wrong: string[] = [];
    let allowed = 0;
    for (const situation of SITUATIONS) {
      const wanted = specified(RUN_ROWS, situation);
      const decided = await decidedByCode(situation);
      if (decided === 'yes') allowed += 1;
      if (decided !== wanted) wrong.push(`${inWords(situation)}: ${decided}, not ${wanted}`);
    }
    expect(wrong.slice(0, 10)).toEqual([]);
    expect([SITUATIONS.length > 20_000, allowed > 1_000]).toEqual([true, true]);
  });

  test('what is about no run is decided as specified, at every door and by every account', () => {
    const config = configWith({});
    for (const { verb } of FREE_ROWS)
      for (const door of ['slack', 'cli', 'bot'] as const)
        for (const account of ACCOUNTS)
          for (const roles of ROLE_SETS) {
            const situation: Situation = { ...ORDINARY, verb, phase: '', roles, account, door };
            const known: Known = {
              actor: { ...SUBJECT, door },
              roles: door === 'bot' ? [] : roles,
              ...(account === 'unfit' ? { unfit: 'is a guest' } : {}),
              ...(account === 'not told' ? { untold: { why: 'no answer', again: true } } : {}),
            };
            const yes = allows(config, { known, verb: verb as Verb });
            expect([inWords(situation), yes]).toEqual([
              inWords(situation),
              specified(FREE_ROWS, situation) === 'yes',
            ]);
          }
  });
});

test.each([
  [false, true],
  [true, false],
])('who asked does not count where the policy said %s then and says %s now', async (then, now) => {
  const run = {
    ...runAt('proposed', { plan: EMPTY_PLAN, by: SUBJECT, requesterCounts: then }),
    expiresAt: LATER,
  };
  const stage = {
    config: now ? COUNTING : STRICT,
    run,
    recognise: async (actor: Known['actor']): Promise<Known> => ({ actor, roles: ['approver'] }),
  };
  expect(await outcomeOf(stage, { verb: 'approve', method: 'approve', actor: SUBJECT })).toBe('own-request');
});

test('a run that was folded from its journal is judged as the made ones are', async () => {
  const run = foldRun([
    {
      kind: 'requested',
      plan: EMPTY_PLAN,
      fingerprint: 'f',
      by: OTHER,
      quorum: 2,
      requesterCounts: false,
      expiresAt: LATER,
      onFailure: 'roll-back',
    },
    { kind: 'approved', by: SUBJECT, fingerprint: 'f' },
  ]);
  const stage = {
    config: configWith({}),
    run,
    recognise: async (actor: Known['actor']): Promise<Known> => ({ actor, roles: ['approver'] }),
  };
  const say = (verb: Verb, method: RunVerb) => outcomeOf(stage, { verb, method, actor: SUBJECT });
  expect(await say('approve', 'approve')).toBe('already-said');
  expect(await say('withdraw', 'withdraw')).toBe('yes');
});
