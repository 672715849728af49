import type { Config } from '../config.js';
import type { DemoPerson } from './local-slack.js';

type DemoRoles = Config['people'][number]['roles'];

/** Four people, so that four eyes can be seen. Ann may approve, but not what she asked for herself. */
const PEOPLE: readonly (DemoPerson & { readonly roles: DemoRoles })[] = [
  { id: 'U0ANN', name: 'ann', realName: 'Ann', roles: ['operator', 'approver'] },
  { id: 'U0BEN', name: 'ben', realName: 'Ben', roles: ['approver'] },
  { id: 'U0CLEO', name: 'cleo', realName: 'Cleo', roles: ['approver'] },
  { id: 'U0DAN', name: 'dan', realName: 'Dan', roles: ['viewer'] },
];

export const DEMO_PEOPLE: readonly DemoPerson[] = PEOPLE;
export const WHO_IS_WHO = 'Ann (operator and approver), Ben and Cleo (approvers), Dan (viewer)';
export const ANN = 'U0ANN';
export const BEN = 'U0BEN';
export const CLEO = 'U0CLEO';
export const DAN = 'U0DAN';

/** `people` of the bot's settings; `login` makes the terminal's user Ann. */
export const peopleSettings = (
  login: string,
): { name: string; slack: string; login?: string; roles: DemoRoles }[] =>
  PEOPLE.map(({ id, name, roles }) => ({
    name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
    slack: id,
    ...(id === ANN ? { login } : {}),
    roles,
  }));
