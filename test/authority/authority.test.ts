import { expect, test } from 'vitest';
import { allows, ROLES_FOR, type Verb } from '../../src/authority/authority.js';
import { LISTED_ONLY } from '../../src/authority/directory.js';
import { recogniser } from '../../src/authority/known.js';
import { identify } from '../../src/authority/people.js';
import { configSchema } from '../../src/config.js';
import type { Actor } from '../../src/run/event.js';
import { ANN, BOB, CEM, freshScene } from '../run/scene.js';

const config = configSchema.parse({
  channel: 'C0OPS',
  hosts: [{ name: 'a', engine: 'unix:///x' }],
  people: [
    { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator', 'approver', 'breakglass'] },
    { name: 'Bob', slack: 'U0BOB', roles: ['approver'] },
    { name: 'Cem', slack: 'U0CEM', roles: ['viewer'] },
  ],
});

const recognise = recogniser(config, LISTED_ONLY);

const allowed = async (actor: Actor, verb: Verb): Promise<boolean> =>
  allows(config, { known: await recognise(actor), verb });

const VERBS = Object.keys(ROLES_FOR) as Verb[];

test('every verb has roles, and a stranger may do nothing', async () => {
  const stranger: Actor = { id: 'U0EVIL', name: 'Ann', door: 'slack' };
  for (const verb of VERBS) {
    expect(ROLES_FOR[verb].length).toBeGreaterThan(0);
    expect(await allowed(stranger, verb)).toBe(false);
  }
});

test('a viewer only looks, an approver does not ask for upgrades', async () => {
  const may = await Promise.all(VERBS.map((verb) => allowed(CEM, verb)));
  expect(VERBS.filter((_verb, at) => may[at])).toEqual(['look']);
  expect(await allowed(BOB, 'upgrade')).toBe(false);
  expect(await allowed(BOB, 'approve')).toBe(true);
});

test('one person is one identity at both doors', () => {
  expect(identify(config, { id: 'ann', name: 'x', door: 'cli' }).id).toBe('U0ANN');
  expect(identify(config, { id: 'ann', name: 'x', door: 'slack' }).id).toBe('ann');
});

test('glass is broken at the command line only', async () => {
  expect(await allowed(ANN, 'break-glass')).toBe(false);
  expect(await allowed({ id: 'ann', name: 'Ann', door: 'cli' }, 'break-glass')).toBe(true);
});

test('who asks cannot approve, through neither door, and nobody counts twice', async () => {
  const { life } = await freshScene({ config: { policy: { approvals: 2 } } });
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await expect(life.app.approve(ANN, id)).rejects.toMatchObject({ code: 'own-request' });
  await expect(life.app.approve({ id: 'ann', name: 'Ann', door: 'cli' }, id)).rejects.toMatchObject({
    code: 'own-request',
  });
  await life.app.approve(BOB, id);
  await expect(life.app.approve(BOB, id)).rejects.toMatchObject({ code: 'already-said' });
  expect(life.app.run(id).phase).toBe('proposed');
});

test('ten clicks at once are one approval and nine refusals', async () => {
  const { life } = await freshScene({ config: { policy: { approvals: 2 } } });
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => life.app.approve(BOB, id)));
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  expect((await life.app.eventsOf(id)).filter(({ event }) => event.kind === 'approved').length).toBe(1);
});

test('two people asking for the same service at once get one run and one refusal', async () => {
  const { life } = await freshScene();
  const request = { service: 'cinder', to: '2025.2', overrides: {} };
  const answers = await Promise.allSettled([life.app.upgrade(ANN, request), life.app.upgrade(ANN, request)]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('an approval is bound to its plan, and one that waited too long is refused', async () => {
  const { life } = await freshScene({ config: { policy: { expires: '0ms' } } });
  const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await expect(life.app.approve(BOB, id)).rejects.toMatchObject({ code: 'expired' });
  expect(life.app.run(id).phase).toBe('expired');
  const other = await freshScene();
  const { id: open } = await other.life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await expect(other.life.app.approve(BOB, open, 'abcdefabcdef')).rejects.toMatchObject({
    code: 'plan-stale',
  });
});
