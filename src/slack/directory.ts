import { WebAPIPlatformError } from '@slack/web-api';
import { z } from 'zod';
import { type Account, CannotTell, type Directory } from '../authority/directory.js';
import { messageOf } from '../errors.js';
import { cached } from './cached.js';
import type { Home } from './home.js';
import { channelWatch, type SlackChannels } from './place.js';

const flag = z.boolean().default(false);

/** Slack's user object, as far as it says whether somebody is one of us. */
const userInfo = z.looseObject({
  user: z.looseObject({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    deleted: flag,
    is_bot: flag,
    is_workflow_bot: flag,
    is_restricted: flag,
    is_ultra_restricted: flag,
    is_stranger: flag,
    is_invited_user: flag,
    enterprise_user: z
      .looseObject({ enterprise_id: z.string(), teams: z.array(z.string()).default([]) })
      .optional(),
  }),
});

type User = z.infer<typeof userInfo>['user'];

const groupUsers = z.looseObject({ users: z.array(z.string()) });

/** The questions of Slack's client that are asked. */
export type SlackPeople = SlackChannels & {
  readonly users: { readonly info: (wanted: { user: string }) => Promise<unknown> };
  readonly usergroups: {
    readonly users: { readonly list: (wanted: { usergroup: string }) => Promise<unknown> };
  };
};

export type SlackDirectoryOptions = {
  readonly client: SlackPeople;
  /** The bot's channel. */
  readonly channel: string;
  readonly home: () => Promise<Home>;
  /** Epoch milliseconds; for tests. */
  readonly now?: () => number;
};

const isOfHome = ({ team_id, enterprise_user }: User, { teams, enterprise }: Home): boolean =>
  teams.includes(team_id ?? '') ||
  (enterprise_user !== undefined &&
    enterprise_user.enterprise_id === enterprise &&
    enterprise_user.teams.some((team) => teams.includes(team)));

const unfitness = (user: User, home: Home): string | undefined => {
  if (user.deleted) return 'has an account that was deactivated in Slack';
  if (user.is_stranger || !isOfHome(user, home)) return 'is not of this Slack workspace';
  if (user.is_bot || user.is_workflow_bot || user.id === 'USLACKBOT') return 'is a bot or a workflow';
  if (user.is_restricted || user.is_ultra_restricted) return 'is a guest in this Slack workspace';
  return user.is_invited_user ? 'has not joined this Slack workspace yet' : undefined;
};

const UNKNOWN_USER: readonly string[] = ['user_not_found', 'user_not_visible', 'users_not_found'];

/** Slack's "no" is the last word; its silence may end. */
const cannotTell = (error: unknown, scope: string): CannotTell => {
  if (!(error instanceof WebAPIPlatformError)) return new CannotTell(messageOf(error));
  const code = error.data.error;
  return code === 'missing_scope'
    ? new CannotTell(`the Slack app lacks the scope ${scope}; add it and install the app again`, false)
    : new CannotTell(`Slack answers "${code}"`, code === 'internal_error' || code === 'ratelimited');
};

/**
 * People, user groups and the bot's channel as Slack knows them, at most a minute old (users.info, usergroups.users.list,
 * conversations.info). Needs the scopes users:read and channels:read or groups:read, and usergroups:read where the people
 * list names groups.
 */
export const slackDirectory = ({ client, channel, home, now }: SlackDirectoryOptions): Directory => {
  const look = async (id: string): Promise<User | undefined> => {
    try {
      const { user } = userInfo.parse(await client.users.info({ user: id }));
      if (user.id !== id) throw new CannotTell('Slack tells of somebody else');
      return user;
    } catch (error) {
      if (error instanceof CannotTell) throw error;
      if (error instanceof WebAPIPlatformError && UNKNOWN_USER.includes(error.data.error)) return undefined;
      throw cannotTell(error, 'users:read');
    }
  };
  const list = async (usergroup: string): Promise<readonly string[]> => {
    try {
      return groupUsers.parse(await client.usergroups.users.list({ usergroup })).users;
    } catch (error) {
      throw cannotTell(error, 'usergroups:read');
    }
  };
  const watch = channelWatch({ client, config: { channel }, home, now });
  const people = cached(look, now);
  const groups = cached(list, now);
  const account = async (id: string, team: string | undefined): Promise<Account> => {
    const [user, at] = await Promise.all([people.get(id), home()]);
    if (!user) return { unfit: 'is not known in this Slack workspace' };
    if (team !== undefined && !at.teams.includes(team)) return { unfit: 'is not of this Slack workspace' };
    const unfit = unfitness(user, at);
    const name = user.real_name ?? user.name;
    return { ...(unfit === undefined ? {} : { unfit }), ...(name === undefined ? {} : { name }) };
  };
  return {
    account: ({ id, team }) => account(id, team),
    membersOf: groups.get,
    outsiders: async () => {
      try {
        return await watch.outsiders();
      } catch (error) {
        throw cannotTell(error, 'channels:read or groups:read');
      }
    },
    forget: () => {
      watch.forget();
      people.forget();
      groups.forget();
    },
  };
};
