import { describe, expect, test } from 'vitest';
import { FRESH_MS } from '../../src/slack/cached.js';
import { appOfToken, foreign, type Home, homeOf, identity } from '../../src/slack/home.js';
import { placeGuard } from '../../src/slack/place.js';
import { HOME, platformError } from '../authority/slack-people.js';

const OPS = 'C0OPS';

const scene = (home: Home = HOME) => {
  let channel: unknown = { id: OPS, name: 'ops' };
  let away: Error | undefined;
  let now = 0;
  let asked = 0;
  const guard = placeGuard({
    client: {
      conversations: {
        info: async () => {
          asked += 1;
          if (away) throw away;
          return { ok: true, channel };
        },
      },
    },
    config: { channel: OPS },
    home: async () => home,
    now: () => now,
  });
  return {
    enter: (where = OPS, sharedOutside = false) => guard({ channel: where, sharedOutside }),
    become: (change: Record<string, unknown>) => {
      channel = { id: OPS, name: 'ops', ...change };
    },
    leave: (error: Error) => {
      away = error;
    },
    pass: (ms: number) => {
      now += ms;
    },
    asked: () => asked,
  };
};

const refused = (code: string) => ({ code });

describe('the place in which something is asked', () => {
  test('is the bot’s own channel', async () => {
    await expect(scene().enter()).resolves.toBeUndefined();
  });

  test.each(['C0OTHER', 'D0DIRECT', 'G0GROUP'])('is not %s', async (where) => {
    await expect(scene().enter(where)).rejects.toMatchObject({
      code: 'wrong-channel',
      wayOut: 'Ask in #ops.',
    });
  });

  test.each([
    ['is shared with another organisation', { is_ext_shared: true }],
    ['is shared in any way', { is_shared: true }],
    ['is shared inside the organisation', { is_shared: true, is_org_shared: true }],
    ['is about to be shared', { is_pending_ext_shared: true }],
    ['has an invitation that is open', { pending_shared: ['T0OTHER'] }],
    ['has a workspace that is about to join', { pending_connected_team_ids: ['T0OTHER'] }],
    ['is not the one that was asked for', { id: 'C0ELSE' }],
  ])('is none that %s', async (_what, change) => {
    const place = scene();
    place.become(change);
    await expect(place.enter()).rejects.toMatchObject(refused('wrong-channel'));
  });

  test('may be shared inside an organisation that the settings name, and with nobody else', async () => {
    const wide = { ...HOME, enterprise: 'E0ORG', wide: true };
    const place = scene(wide);
    place.become({ is_shared: true, is_org_shared: true });
    await expect(place.enter()).resolves.toBeUndefined();
    const outside = scene(wide);
    outside.become({ is_shared: true, is_org_shared: true, is_ext_shared: true });
    await expect(outside.enter()).rejects.toMatchObject(refused('wrong-channel'));
    const unclear = scene(wide);
    unclear.become({ is_shared: true });
    await expect(unclear.enter()).rejects.toMatchObject(refused('wrong-channel'));
  });

  test('is none of which the envelope says that outsiders are in it', async () => {
    await expect(scene().enter(OPS, true)).rejects.toMatchObject(refused('wrong-channel'));
  });

  test('that becomes shared between two clicks is refused at the second one, a minute later at most', async () => {
    const place = scene();
    await place.enter();
    place.become({ is_ext_shared: true });
    place.pass(FRESH_MS);
    await expect(place.enter()).rejects.toMatchObject(refused('wrong-channel'));
    expect(place.asked()).toBe(2);
  });

  test.each([
    ['does not answer', new Error('fetch failed')],
    ['lacks a scope', platformError('missing_scope')],
    ['does not know it', platformError('channel_not_found')],
  ])('is refused where Slack %s', async (_what, error) => {
    const place = scene();
    place.leave(error);
    await expect(place.enter()).rejects.toMatchObject({
      code: 'cannot-tell',
      wayOut: expect.stringContaining('command line'),
    });
  });
});

describe('the workspace that is served', () => {
  const me = (change: Record<string, unknown> = {}) =>
    identity.parse({ team_id: 'T0HOME', user_id: 'U0BOT', ...change });

  test('is the token’s own', () => {
    expect(homeOf(me(), {}, undefined)).toEqual({ ...HOME, enterprise: undefined });
  });

  test.each([
    ['a whole organisation without its workspaces named', me({ is_enterprise_install: true }), {}],
    [
      'another organisation than the settings name',
      me({ enterprise_id: 'E0ORG' }),
      { enterprise: 'E0OTHER' },
    ],
    ['no organisation although the settings name one', me(), { enterprise: 'E0ORG' }],
    ['a workspace that the settings do not name', me(), { teams: ['T0OTHER'] }],
  ])('is nobody’s where the token is of %s', (_what, who, workspace) => {
    const home = homeOf(who, workspace, undefined);
    expect([home.teams, home.problems.length]).toEqual([[], 1]);
    expect(foreign(home, { teams: ['T0HOME'], enterprise: undefined, app: undefined })).toBeDefined();
  });

  test('of an organisation are those that the settings name', () => {
    const home = homeOf(
      me({ team_id: 'E0ORG', enterprise_id: 'E0ORG', is_enterprise_install: true }),
      { teams: ['T0A', 'T0B'], enterprise: 'E0ORG' },
      undefined,
    );
    expect(home).toMatchObject({ teams: ['T0A', 'T0B'], wide: true, problems: [] });
    expect(foreign(home, { teams: ['T0A', 'E0ORG'], enterprise: 'E0ORG', app: undefined })).toBeUndefined();
    expect(foreign(home, { teams: ['T0C'], enterprise: 'E0ORG', app: undefined })).toBe('another workspace');
  });

  test('has one app, which an app-level token names', () => {
    expect(appOfToken('xapp-1-A0STACKSWAP-123-abc')).toBe('A0STACKSWAP');
    expect(appOfToken('xapp-local-slack')).toBeUndefined();
    expect(homeOf(me(), { app: 'A0SET' }, 'xapp-1-A0TOKEN-1-x').app).toBe('A0SET');
  });

  const ours = { ...HOME, enterprise: 'E0ORG', app: 'A0APP' };
  test.each([
    ['ours', { teams: ['T0HOME'], enterprise: 'E0ORG', app: 'A0APP' }, undefined],
    [
      'ours, of a person of ours',
      { teams: ['T0HOME', 'T0HOME'], enterprise: undefined, app: 'A0APP' },
      undefined,
    ],
    ['no workspace', { teams: [], enterprise: undefined, app: 'A0APP' }, 'another workspace'],
    ['another workspace', { teams: ['T0OTHER'], enterprise: undefined, app: 'A0APP' }, 'another workspace'],
    [
      'a person of another workspace',
      { teams: ['T0HOME', 'T0OTHER'], enterprise: undefined, app: 'A0APP' },
      'another workspace',
    ],
    [
      'a person of the organisation at large',
      { teams: ['T0HOME', 'E0ORG'], enterprise: 'E0ORG', app: 'A0APP' },
      'another workspace',
    ],
    [
      'another organisation',
      { teams: ['T0HOME'], enterprise: 'E0OTHER', app: 'A0APP' },
      'another organisation',
    ],
    ['another app', { teams: ['T0HOME'], enterprise: undefined, app: 'A0OTHER' }, 'another app'],
    ['no app', { teams: ['T0HOME'], enterprise: undefined, app: undefined }, 'another app'],
  ])('hears an envelope of %s: %j → %s', (_what, origin, why) => {
    expect(foreign(ours, origin)).toBe(why);
  });
});
