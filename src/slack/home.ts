import { z } from 'zod';
import type { Config } from '../config.js';

/** The workspace that is served, fixed at the start: nothing that a request says of itself can widen it. */
export type Home = {
  /** Ids of the workspaces; none where the settings and the token contradict each other, and then nobody is served. */
  readonly teams: readonly string[];
  /** The organisation that the workspace belongs to. */
  readonly enterprise: string | undefined;
  /** Whether the settings name that organisation, so that its shared channels are ours, too. */
  readonly wide: boolean;
  readonly app: string | undefined;
  /** One sentence each, with the way out. */
  readonly problems: readonly string[];
};

/** Slack's answer to auth.test. */
export const identity = z.looseObject({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().default(false),
  user_id: z.string(),
  user: z.string().default('the bot'),
  bot_id: z.string().optional(),
});

type Identity = z.infer<typeof identity>;

/** An app-level token says which app it belongs to: `xapp-1-A012ABCDEF-…`. */
export const appOfToken = (token: string | undefined): string | undefined =>
  /^xapp-\d+-(A[A-Z0-9]+)-/.exec(token ?? '')?.[1];

const contradictions = (me: Identity, { teams, enterprise }: Config['workspace']): readonly string[] => [
  ...(me.is_enterprise_install && (teams === undefined || enterprise === undefined)
    ? [
        'The app is installed for a whole organisation: name its workspaces and the organisation under "workspace" in the YAML file; until then nobody is served from Slack.',
      ]
    : []),
  ...(enterprise !== undefined && enterprise !== me.enterprise_id
    ? [
        `The bot token is not of the organisation ${enterprise} ("workspace" in the YAML file): nobody is served from Slack.`,
      ]
    : []),
  ...(teams !== undefined && !me.is_enterprise_install && !teams.includes(me.team_id)
    ? [
        `The bot token is of the workspace ${me.team_id}, which "workspace" in the YAML file does not name: nobody is served from Slack.`,
      ]
    : []),
];

export const homeOf = (me: Identity, workspace: Config['workspace'], appToken: string | undefined): Home => {
  const problems = contradictions(me, workspace);
  return {
    teams: problems.length > 0 ? [] : (workspace.teams ?? [me.team_id]),
    enterprise: me.enterprise_id ?? undefined,
    wide: workspace.enterprise !== undefined,
    app: workspace.app ?? appOfToken(appToken),
    problems,
  };
};

/** What an envelope says of where it comes from. */
export type Origin = {
  readonly teams: readonly string[];
  readonly enterprise: string | undefined;
  readonly app: string | undefined;
};

/** Why a request is not one of ours; `undefined` for one that is. What the envelope leaves out counts against it. */
export const foreign = (home: Home, { teams, enterprise, app }: Origin): string | undefined => {
  const [team, ...others] = teams;
  const ours = (one: string): boolean => home.teams.includes(one) || (home.wide && one === home.enterprise);
  if (team === undefined || !home.teams.includes(team) || !others.every(ours)) return 'another workspace';
  if (enterprise !== undefined && enterprise !== home.enterprise) return 'another organisation';
  return home.app !== undefined && app !== home.app ? 'another app' : undefined;
};
