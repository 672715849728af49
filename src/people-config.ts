import { z } from 'zod';

const userId = z.string().regex(/^[UW][A-Z0-9]+$/, 'a Slack user id such as U012ABCDEF');

export const channelId = z.string().regex(/^[CG][A-Z0-9]+$/, 'a Slack channel id such as C012ABCDEF');

/** Where they are absent the workspace is the one of the bot's token, and nobody of another one is served. */
export const workspaceSchema = z.strictObject({
  /** Workspaces (`T…`) of an organisation whose requests are served. */
  teams: z
    .array(z.string().regex(/^T[A-Z0-9]+$/, 'a Slack team id such as T012ABCDEF'))
    .min(1)
    .optional(),
  /** The organisation (`E…`) that they belong to. */
  enterprise: z
    .string()
    .regex(/^E[A-Z0-9]+$/, 'a Slack organisation id such as E012ABCDEF')
    .optional(),
  /** The Slack app (`A…`) that requests must be made to; absent: the one of the app-level token. */
  app: z
    .string()
    .regex(/^A[A-Z0-9]+$/, 'a Slack app id such as A012ABCDEF')
    .optional(),
});

export const ROLES = ['viewer', 'operator', 'approver', 'breakglass'] as const;

export type Role = (typeof ROLES)[number];

/** A person with their accounts, or a Slack user group whose members all have its roles. */
export const personSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Slack's user id (`U…`), never a name. */
    slack: userId.optional(),
    /** Other Slack accounts of the same person: they all count as one. */
    slack_also: z.array(userId).optional(),
    /** Login name on the bot's machine, for the command line. */
    login: z.string().min(1).optional(),
    /** Slack's user group id (`S…`). */
    slack_group: z
      .string()
      .regex(/^S[A-Z0-9]+$/, 'a Slack user group id such as S012ABCDEF')
      .optional(),
    roles: z.array(z.enum(ROLES)).min(1),
  })
  .refine(
    ({ slack, login, slack_group }) => [slack, login, slack_group].some((id) => id !== undefined),
    'give slack, login or both; or slack_group',
  )
  .refine(
    ({ slack, login, slack_also, slack_group }) =>
      slack_group === undefined || [slack, login, slack_also].every((id) => id === undefined),
    'a slack_group has no accounts of its own: list the person apart',
  )
  .refine(
    ({ slack, slack_also }) => slack !== undefined || slack_also === undefined,
    'slack_also goes with slack',
  )
  .refine(
    ({ slack_group, roles }) => slack_group === undefined || !roles.includes('breakglass'),
    'a group cannot break glass: that is done at the command line, by people listed with a login',
  );

export type Person = z.infer<typeof personSchema>;

/** Accounts by which an entry is found; an entry may be anything yet. */
const accountsOf = (entry: unknown): readonly string[] => {
  const { slack, slack_also, login, slack_group } = Object(entry);
  return [
    ...[slack, ...(Array.isArray(slack_also) ? slack_also : [])].map((id) => ['slack', id]),
    ['login', login],
    ['slack_group', slack_group],
  ].flatMap(([kind, id]) => (typeof id === 'string' ? [`${kind} ${id}`] : []));
};

/** An account that stands in the list twice: whose roles count would hang on the order. */
export const sameAccount = (people: readonly unknown[]): string | undefined => {
  const accounts = people.flatMap(accountsOf);
  return accounts.find((one, at) => accounts.indexOf(one) !== at);
};

const DECIDING: readonly Role[] = ['operator', 'approver', 'breakglass'];

const decides = ({ roles }: Person): boolean => roles.some((role) => DECIDING.includes(role));

/**
 * Whoever has a login only is somebody else to us when they come as a member of a group: their own second person, who
 * could approve what they asked for. Their names.
 */
export const countedTwice = (people: readonly Person[]): readonly string[] =>
  people.some((entry) => entry.slack_group !== undefined && decides(entry))
    ? people
        .filter((entry) => entry.login !== undefined && entry.slack === undefined && decides(entry))
        .map(({ name }) => name)
    : [];

/** Whether somebody can act at the command line, which asks no Slack. */
export const someCanDoWithoutSlack = (people: readonly Person[]): boolean =>
  people.some(
    ({ login, roles }) => login !== undefined && (roles.includes('operator') || roles.includes('approver')),
  );
