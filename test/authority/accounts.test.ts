import { describe, expect, test } from 'vitest';
import { allows } from '../../src/authority/authority.js';
import { CannotTell } from '../../src/authority/directory.js';
import { recogniser } from '../../src/authority/known.js';
import type { Actor } from '../../src/run/event.js';
import { cached, FRESH_MS } from '../../src/slack/cached.js';
import { slackDirectory } from '../../src/slack/directory.js';
import type { Home } from '../../src/slack/home.js';
import { configWith } from './desk.js';
import { HOME, platformError, slackPeople } from './slack-people.js';

const OLGA: Actor = { id: 'U0OLGA', name: 'Olga', door: 'slack', team: 'T0HOME' };

const config = configWith({
  people: [
    { name: 'Olga', slack: 'U0OLGA', slack_also: ['U0OLGA2'], login: 'olga', roles: ['approver'] },
    { name: 'Cloud team', slack_group: 'S0CLOUD', roles: ['operator'] },
    { name: 'On call', slack_group: 'S0CALL', roles: ['approver'] },
    { name: 'Adam', slack: 'U0ADAM', login: 'adam', roles: ['operator'] },
    { name: 'Bob', slack: 'U0BOB', roles: ['approver'] },
  ],
});

const scene = (home: Home = HOME) => {
  const slack = slackPeople();
  let now = 0;
  slack.user('U0OLGA');
  slack.user('U0OLGA2');
  slack.user('U0NEW', { real_name: 'Nina' });
  slack.group('S0CLOUD', 'U0NEW');
  slack.group('S0CALL');
  const directory = slackDirectory({
    client: slack.client,
    channel: 'C0OPS',
    home: async () => home,
    now: () => now,
  });
  const recognise = recogniser(config, directory);
  const may = async (actor: Actor, verb: 'approve' | 'upgrade' | 'look' = 'approve') =>
    allows(config, { known: await recognise(actor), verb });
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, directory, recognise, may, pass };
};

describe('an account in Slack', () => {
  test('in order may do what its roles say', async () => {
    expect(await scene().may(OLGA)).toBe(true);
  });

  test.each([
    ['deactivated', { deleted: true }, 'deactivated'],
    ['a guest’s in many channels', { is_restricted: true }, 'guest'],
    ['a guest’s in one channel', { is_ultra_restricted: true }, 'guest'],
    ['a stranger’s from a shared channel', { is_stranger: true }, 'not of this Slack workspace'],
    ['of another workspace', { team_id: 'T0OTHER' }, 'not of this Slack workspace'],
    ['without a workspace', { team_id: undefined }, 'not of this Slack workspace'],
    ['a bot’s', { is_bot: true }, 'bot'],
    ['a workflow’s', { is_workflow_bot: true }, 'workflow'],
    ['of somebody who was only invited', { is_invited_user: true }, 'not joined'],
  ])('that is %s may not even look, whatever its roles', async (_what, change, words) => {
    const { slack, may, recognise } = scene();
    slack.user('U0OLGA', change);
    expect(await may(OLGA)).toBe(false);
    expect(await may(OLGA, 'look')).toBe(false);
    expect((await recognise(OLGA)).unfit).toContain(words);
  });

  test('that Slack does not know may do nothing', async () => {
    const { recognise } = scene();
    expect((await recognise({ ...OLGA, id: 'U0NOBODY' })).unfit).toContain('not known');
  });

  test('whose envelope names another workspace may do nothing, also where its id is one of ours', async () => {
    expect(await scene().may({ ...OLGA, team: 'T0OTHER' })).toBe(false);
  });

  test.each([
    ['no answer', new Error('fetch failed')],
    ['too many questions', platformError('ratelimited')],
    ['a missing scope', platformError('missing_scope')],
    ['an error of Slack', platformError('internal_error')],
  ])('is refused for %s: what is not told is not allowed', async (_what, error) => {
    const { slack, may, recognise } = scene();
    slack.gone(error);
    expect([await may(OLGA), await may(OLGA, 'look')]).toEqual([false, false]);
    expect((await recognise(OLGA)).untold?.why).not.toBe('');
  });

  test.each([
    ['somebody else', { id: 'U0EVE' }],
    ['nothing that can be read', { deleted: 'no' }],
  ])('is refused where Slack tells of %s', async (_what, answer) => {
    const { slack, may } = scene();
    slack.user('U0OLGA', answer);
    expect(await may(OLGA)).toBe(false);
  });

  test('is asked for once a minute at most, and again after it', async () => {
    const { slack, may, pass } = scene();
    await Promise.all([may(OLGA), may(OLGA), may(OLGA)]);
    pass(FRESH_MS - 1);
    await may(OLGA);
    expect(slack.asked).toEqual(['user U0OLGA']);
    slack.user('U0OLGA', { deleted: true });
    expect(await may(OLGA)).toBe(true);
    pass(1);
    expect(await may(OLGA)).toBe(false);
    expect(slack.asked).toHaveLength(2);
  });

  test('is asked for at once after the directory was told to forget', async () => {
    const { slack, may, directory } = scene();
    await may(OLGA);
    slack.user('U0OLGA', { is_restricted: true });
    directory.forget();
    expect(await may(OLGA)).toBe(false);
  });

  test('is not refused for a minute because Slack was away for a moment', async () => {
    const { slack, may } = scene();
    slack.gone(new Error('fetch failed'));
    expect(await may(OLGA)).toBe(false);
    slack.gone(undefined);
    expect(await may(OLGA)).toBe(true);
  });

  test('that is another one of the same person is the same person, and is itself looked up', async () => {
    const { may, recognise } = scene();
    const second = { ...OLGA, id: 'U0OLGA2' };
    const known = await recognise(second);
    expect(known.actor).toMatchObject({ id: 'U0OLGA', account: 'U0OLGA2', name: 'Olga' });
    expect(await may(known.actor)).toBe(true);
    const later = scene();
    later.slack.user('U0OLGA2', { deleted: true });
    expect(await later.may(known.actor)).toBe(false);
    expect(later.slack.asked).toEqual(['user U0OLGA2']);
  });
});

describe('an account of an organisation', () => {
  const wide: Home = { ...HOME, teams: ['T0HOME', 'T0SECOND'], enterprise: 'E0ORG', wide: true };
  const inOrg = (teams: readonly string[], enterprise_id = 'E0ORG') => ({
    team_id: 'E0ORG',
    enterprise_user: { enterprise_id, teams },
  });

  test.each([
    ['a member of a workspace that is served', inOrg(['T0SECOND']), true],
    ['a member of another workspace only', inOrg(['T0THIRD']), false],
    ['a member of another organisation', inOrg(['T0SECOND'], 'E0OTHER'), false],
    ['of no workspace at all', inOrg([]), false],
  ])('%s: %s', async (_what, user, allowed) => {
    const { slack, may } = scene(wide);
    slack.user('U0OLGA', user);
    expect(await may(OLGA)).toBe(allowed);
  });
});

describe('a Slack user group', () => {
  const NINA: Actor = { id: 'U0NEW', name: 'nina', door: 'slack', team: 'T0HOME' };

  test('gives its members its roles, and the name that Slack knows them by', async () => {
    const { may, recognise } = scene();
    expect([await may(NINA, 'upgrade'), await may(NINA, 'approve')]).toEqual([true, false]);
    expect((await recognise(NINA)).actor.name).toBe('Nina');
  });

  test('adds its roles to those of another group', async () => {
    const { slack, may } = scene();
    slack.group('S0CALL', 'U0NEW');
    expect([await may(NINA, 'upgrade'), await may(NINA, 'approve')]).toEqual([true, true]);
  });

  test('gives nothing to who has left it', async () => {
    const { slack, may, directory } = scene();
    expect(await may(NINA, 'upgrade')).toBe(true);
    slack.group('S0CLOUD', 'U0ELSE');
    directory.forget();
    expect(await may(NINA, 'look')).toBe(false);
  });

  test('that cannot be read lets nobody in, and keeps nobody out who is listed', async () => {
    const { slack, may } = scene();
    slack.group('S0CLOUD', 'U0NEW');
    const broken = slackDirectory({
      client: {
        ...slack.client,
        usergroups: { users: { list: async () => Promise.reject(platformError('missing_scope')) } },
      },
      channel: 'C0OPS',
      home: async () => HOME,
    });
    const recognise = recogniser(config, broken);
    expect(allows(config, { known: await recognise(NINA), verb: 'look' })).toBe(false);
    expect((await recognise(NINA)).untold?.why).toContain('usergroups:read');
    expect(allows(config, { known: await recognise(OLGA), verb: 'approve' })).toBe(true);
    expect(await may(OLGA)).toBe(true);
  });

  test('adds nothing to who stands in the list by themselves', async () => {
    const { slack, may } = scene();
    slack.group('S0CLOUD', 'U0OLGA');
    expect(await may(OLGA, 'upgrade')).toBe(false);
  });

  test('gives a guest nothing', async () => {
    const { slack, may } = scene();
    slack.user('U0NEW', { is_restricted: true });
    expect(await may(NINA, 'look')).toBe(false);
  });
});

describe('at the command line', () => {
  test('nobody asks Slack, and who has a login may act while Slack is away', async () => {
    const { slack, may } = scene();
    slack.gone(new Error('fetch failed'));
    expect(await may({ id: 'olga', name: 'olga', door: 'cli' })).toBe(true);
    expect(await may({ id: 'U0OLGA', name: 'Olga', door: 'cli' })).toBe(true);
    expect(slack.asked).toEqual([]);
  });

  test('a Slack id is no login, and a login is no Slack id', async () => {
    const { may } = scene();
    expect(await may({ id: 'U0NEW', name: 'x', door: 'cli' }, 'look')).toBe(false);
    expect(await may({ id: 'U0BOB', name: 'x', door: 'cli' }, 'look')).toBe(false);
    expect(await may({ id: 'U0OLGA2', name: 'x', door: 'cli' }, 'look')).toBe(false);
    expect(await may({ id: 'adam', name: 'x', door: 'slack' }, 'look')).toBe(false);
  });
});

test('an answer that fails is asked for again, and an old one does not take its place', async () => {
  let tries = 0;
  const answers = cached(
    async () => {
      tries += 1;
      if (tries === 1) throw new CannotTell('not yet');
      return tries;
    },
    () => 0,
  );
  await expect(answers.get('x')).rejects.toThrow('not yet');
  expect(await answers.get('x')).toBe(2);
  expect(await answers.get('x')).toBe(2);
});

describe('the bot’s channel', () => {
  test('counts while nobody from outside reads it', async () => {
    expect(await scene().directory.outsiders()).toBeUndefined();
  });

  test('does not count once it is shared, as soon as it is asked for anew', async () => {
    const { slack, directory } = scene();
    await directory.outsiders();
    slack.channelBecomes({ is_ext_shared: true });
    directory.forget();
    expect(await directory.outsiders()).toBe(
      'people of another organisation or workspace can read #ops, or are invited to',
    );
  });

  test.each([
    ['does not answer', new Error('fetch failed'), { message: 'fetch failed', again: true }],
    ['lacks a scope', platformError('missing_scope'), { again: false }],
  ])('cannot be told where Slack %s', async (_what, error, told) => {
    const { slack, directory } = scene();
    slack.gone(error);
    await expect(directory.outsiders()).rejects.toMatchObject({ name: 'CannotTell', ...told });
  });
});
