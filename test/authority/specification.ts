import type { Role } from '../../src/config.js';

/*
 * Who may do what, written down apart from the program. A row: the verb, the roles of which one is enough, the phases in
 * which it may be done, and what else keeps somebody from it. Nothing here is taken from src but the names of roles.
 */
export const TABLE = `
verb        | roles             | phases                                                              | but
approve     | approver          | proposed                                                            | requester approved
withdraw    | approver          | proposed approved running paused interrupted                        | glass not-approved cut
break-glass | breakglass        | proposed                                                            | slack
review      | approver          | any                                                                 | requester breaker no-glass
reject      | approver operator | proposed approved                                                   |
cancel      | operator approver | proposed approved running paused interrupted stuck finalize-failed  |
rollback    | operator approver | running paused interrupted upgraded finalize-failed                 |
finalize    | approver          | upgraded finalize-failed                                            | requester-of-upgraded finalized-by held
resume      | operator approver | paused interrupted stuck                                            |
`;

/** Verbs that are about no run. */
export const FREE_TABLE = `
verb    | roles                                | but
look    | viewer operator approver breakglass  |
upgrade | operator                             |
hold    | operator approver                    |
unhold  | operator approver                    |
`;

export type Row = {
  readonly verb: string;
  readonly roles: readonly string[];
  readonly phases: readonly string[];
  readonly but: readonly string[];
};

const words = (cell = ''): readonly string[] =>
  cell
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');

export const rowsOf = (table: string): readonly Row[] => {
  const [head = '', ...lines] = table.trim().split('\n');
  const names = head.split('|').map((name) => name.trim());
  return lines.map((line) => {
    const cells = line.split('|');
    const cell = (name: string) => cells[names.indexOf(name)];
    const [verb = ''] = words(cell('verb'));
    return { verb, roles: words(cell('roles')), phases: words(cell('phases')), but: words(cell('but')) };
  });
};

export type Account = 'in order' | 'unfit' | 'not told';

/** Everything that a decision may hang on. */
export type Situation = {
  readonly verb: string;
  readonly roles: readonly Role[];
  readonly account: Account;
  readonly door: 'slack' | 'cli' | 'bot';
  readonly phase: string;
  readonly requester: boolean;
  readonly requesterCounts: boolean;
  readonly approved: boolean;
  readonly glass: 'none' | 'own' | 'another’s';
  readonly cut: boolean;
  readonly held: boolean;
};

/** What a word in the last column refuses, and with which code. */
const BUT: Readonly<Record<string, (s: Situation) => string | undefined>> = {
  slack: ({ door }) => (door === 'cli' ? undefined : 'not-allowed'),
  requester: (s) => (s.requester && !(s.verb === 'approve' && s.requesterCounts) ? 'own-request' : undefined),
  'requester-of-upgraded': (s) =>
    s.phase === 'upgraded' && s.requester && !s.requesterCounts ? 'own-request' : undefined,
  breaker: ({ glass }) => (glass === 'own' ? 'own-request' : undefined),
  approved: ({ approved }) => (approved ? 'already-said' : undefined),
  'finalized-by': (s) => (s.phase === 'upgraded' && s.approved ? 'already-said' : undefined),
  glass: ({ glass }) => (glass === 'none' ? undefined : 'not-now'),
  'no-glass': ({ glass }) => (glass === 'none' ? 'not-now' : undefined),
  'not-approved': ({ approved }) => (approved ? undefined : 'not-allowed'),
  cut: ({ cut }) => (cut ? 'not-now' : undefined),
};

/** `yes`, or the code with which it is refused. The first thing that stands in the way is the one that is told. */
export const specified = (rows: readonly Row[], situation: Situation): string => {
  const row = rows.find(({ verb }) => verb === situation.verb);
  if (!row) return 'no such verb';
  if (situation.account === 'unfit') return 'not-allowed';
  if (situation.account === 'not told') return 'cannot-tell';
  if (situation.door === 'bot') return situation.verb === 'look' ? 'yes' : 'not-allowed';
  if (!situation.roles.some((role) => row.roles.includes(role))) return 'not-allowed';
  if (row.but.includes('slack') && BUT.slack?.(situation)) return 'not-allowed';
  if (row.but.includes('held') && situation.held) return 'on-hold';
  if (row.phases.length > 0 && !row.phases.includes('any') && !row.phases.includes(situation.phase))
    return 'not-now';
  for (const but of row.but) {
    const code = BUT[but]?.(situation);
    if (code !== undefined) return code;
  }
  return 'yes';
};
