import { WebAPIPlatformError } from '@slack/web-api';
import type { SlackPeople } from '../../src/slack/directory.js';
import type { Home } from '../../src/slack/home.js';

export const HOME: Home = {
  teams: ['T0HOME'],
  enterprise: undefined,
  wide: false,
  app: undefined,
  problems: [],
};

export const platformError = (error: string): WebAPIPlatformError =>
  new WebAPIPlatformError({ ok: false, error } as ConstructorParameters<typeof WebAPIPlatformError>[0]);

/** Slack's answers about people and groups; a test changes them, or takes Slack away. */
export const slackPeople = () => {
  const users = new Map<string, Record<string, unknown>>();
  const groups = new Map<string, readonly string[]>();
  const asked: string[] = [];
  let channel: Record<string, unknown> = {};
  let away: Error | undefined;
  const answer = <T>(what: string, value: () => T): T => {
    asked.push(what);
    if (away) throw away;
    return value();
  };
  const client: SlackPeople = {
    conversations: {
      info: async ({ channel: id }) =>
        answer(`channel ${id}`, () => ({ ok: true, channel: { id, name: 'ops', ...channel } })),
    },
    users: {
      info: async ({ user }) =>
        answer(`user ${user}`, () => {
          const found = users.get(user);
          if (!found) throw platformError('user_not_found');
          return { ok: true, user: { id: user, team_id: 'T0HOME', ...found } };
        }),
    },
    usergroups: {
      users: {
        list: async ({ usergroup }) =>
          answer(`group ${usergroup}`, () => {
            const found = groups.get(usergroup);
            if (!found) throw platformError('no_such_subteam');
            return { ok: true, users: found };
          }),
      },
    },
  };
  return {
    client,
    asked,
    user: (id: string, change: Record<string, unknown> = {}) => void users.set(id, change),
    group: (id: string, ...members: readonly string[]) => void groups.set(id, members),
    channelBecomes: (change: Record<string, unknown>) => {
      channel = change;
    },
    gone: (error: Error | undefined) => {
      away = error;
    },
  };
};
