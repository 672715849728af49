import { describe, expect, test } from 'vitest';
import { admission, type Guarded, guard, POLICY } from '../../src/app/guard.js';
import type { App } from '../../src/app.js';
import { LISTED_ONLY } from '../../src/authority/directory.js';
import { recogniser } from '../../src/authority/known.js';
import { ROLES } from '../../src/people-config.js';
import type { Actor } from '../../src/run/event.js';
import { configWith } from './desk.js';

const EVERYBODY = ['viewer', 'operator', 'approver', 'breakglass'];
const EITHER = ['operator', 'approver'];

/** Who may call what, as issue and documentation say it; written down here once more, and not read from the code. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  status: EVERYBODY,
  doctor: EVERYBODY,
  plan: EVERYBODY,
  history: EVERYBODY,
  upgrade: ['operator'],
  approve: ['approver'],
  withdraw: ['approver'],
  breakGlass: ['breakglass'],
  review: ['approver'],
  reject: EITHER,
  cancel: EITHER,
  rollback: EITHER,
  finalize: ['approver'],
  resume: EITHER,
  hold: EITHER,
  unhold: EITHER,
};

const PROGRAMS = [
  'admit',
  'run',
  'findRun',
  'eventsOf',
  'subscribe',
  'settled',
  'posted',
  'recover',
  'close',
];

/** Of each role somebody who has it alone, with a Slack account and a login. */
const people = ROLES.map((role) => ({
  name: role,
  slack: `U0${role.toUpperCase()}`,
  login: role,
  roles: [role],
}));
const config = configWith({ people });
const admit = admission(config, recogniser(config, LISTED_ONLY));

type Method = (actor: Actor, ...said: unknown[]) => Promise<unknown>;

/** All that can be asked for, behind the guard; what was reached is told by its name. */
const guarded = () => {
  const reached: string[] = [];
  const behind = Object.fromEntries(
    Object.keys(MAY).map((name) => [name, async () => void reached.push(name)]),
  );
  const app = guard(behind as unknown as Guarded, admit) as Pick<App, 'approve'>;
  return { reached, methods: app as unknown as Readonly<Record<string, Method>> };
};

/** Names of the methods that let an actor through; whoever is not let through is told `not-allowed`. */
const reachedBy = async (actor: Actor): Promise<readonly string[]> => {
  const { reached, methods } = guarded();
  for (const [name, method] of Object.entries(methods)) {
    const already = reached.length;
    const refusal = await method(actor, 'r1', 'some words of more than twenty').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (reached.length === already) expect([name, refusal]).toMatchObject([name, { code: 'not-allowed' }]);
  }
  return reached;
};

const allowed = (role: string): readonly string[] =>
  Object.entries(MAY).flatMap(([name, roles]) => (roles.includes(role) ? [name] : []));

test('every method of the app is in the table of this test, or is the program’s own', () => {
  expect(new Set(Object.keys(POLICY))).toEqual(new Set([...Object.keys(MAY), ...PROGRAMS]));
  for (const name of PROGRAMS) expect(POLICY[name as keyof typeof POLICY]).toBe('program');
});

describe('through the guard', () => {
  test.each(ROLES)('somebody who is %s alone reaches what the table says, and nothing else', async (role) => {
    expect(await reachedBy({ id: role, name: role, door: 'cli' })).toEqual(allowed(role));
  });

  test.each(ROLES)(
    'somebody who is %s alone breaks no glass in Slack, and reaches the rest',
    async (role) => {
      const actor: Actor = { id: `U0${role.toUpperCase()}`, name: role, door: 'slack' };
      expect(await reachedBy(actor)).toEqual(allowed(role).filter((name) => name !== 'breakGlass'));
    },
  );

  test('the program itself decides nothing', async () => {
    const looks = await reachedBy({ id: 'stackswap', name: 'Stackswap', door: 'bot' });
    expect(looks).toEqual(['status', 'doctor', 'plan', 'history']);
  });

  test('a stranger reaches nothing', async () => {
    expect(await reachedBy({ id: 'U0EVE', name: 'Eve', door: 'slack' })).toEqual([]);
    expect(await reachedBy({ id: 'eve', name: 'Eve', door: 'cli' })).toEqual([]);
  });
});
