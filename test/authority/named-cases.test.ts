import { afterEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { corpus, LINKS } from '../injection/corpus.js';
import { soon } from '../slack/fake-app.js';
import { type BotOverHttp, botOverHttp } from './bot-over-http.js';

/*
 * Holes that chat bots of others had, each tried on the bot as it is started: signed requests, Slack's Web API, the real
 * app over a simulated cloud. What each was is told in its database (nvd.nist.gov, github.com/advisories).
 */

const running: BotOverHttp[] = [];
afterEach(async () => {
  for (const bot of running.splice(0)) await bot.stop();
});

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator'] },
  { name: 'Bob', slack: 'U0BOB', roles: ['approver'] },
  { name: 'Cem', slack: 'U0CEM', roles: ['viewer'] },
  { name: 'Dan', slack: 'U0DAN', roles: ['viewer'] },
  { name: 'On call', slack_group: 'S0CALL', roles: ['approver'] },
];

const scene = async (settings: Record<string, unknown> = {}) => {
  const bot = await botOverHttp({ people: PEOPLE, ...settings });
  running.push(bot);
  return bot;
};

/** A request of Ann's that waits for two approvals. */
const withRequest = async () => {
  const bot = await scene({ policy: { approvals: 2 } });
  await bot.type('U0ANN', 'upgrade cinder to 2025.2');
  const [run] = Object.values(bot.journal.state().runs);
  if (!run) throw new Error('nothing was asked for');
  return { ...bot, id: run.id, words: () => bot.journal.state().runs[run.id]?.approvals.length };
};

describe('CVE-2023-5356 (GitLab: slash commands executed as another user)', () => {
  test('a signed command of another workspace is not served, whoever’s id it names', async () => {
    const { send, command, words, lines, id } = await withRequest();
    await send(command('U0BOB', `approve ${id}`, { team_id: 'T0OTHER' }));
    await soon(() => expect(JSON.stringify(lines)).toContain('a request from another workspace'));
    expect(words()).toBe(0);
  });

  test('a name in the words is nobody’s word', async () => {
    const { type, words, id } = await withRequest();
    expect(await type('U0CEM', `approve ${id} <@U0BOB|bob>`)).toContain('one word too many');
    expect(await type('U0CEM', `approve ${id}`)).toContain('Cem has the role viewer');
    expect(words()).toBe(0);
  });
});

describe('GHSA-qj8w-vx7m-776m, GitLab #57556 (a blocked user still ran Mattermost commands)', () => {
  test('a deactivated account can do nothing, however it is listed', async () => {
    const { type, user, words, id, directory } = await withRequest();
    user('U0BOB', { deleted: true });
    directory.forget();
    expect(await type('U0BOB', `approve ${id}`)).toContain('deactivated');
    expect(await type('U0BOB', 'status')).toContain('deactivated');
    expect(words()).toBe(0);
  });

  test('an account that is deactivated after its approval starts nothing', async () => {
    const { type, user, group, id, app } = await withRequest();
    group('S0CALL', 'U0NINA');
    await type('U0BOB', `approve ${id}`);
    user('U0BOB', { deleted: true });
    await type('U0NINA', `approve ${id}`);
    expect(await app.settled(id)).toMatchObject({ phase: 'voided', why: '1 of 2 approvals still count' });
  });
});

describe('CVE-2023-6547 (Mattermost: a removed member kept their rights)', () => {
  test('who has left the user group may not approve any more', async () => {
    const { type, group, id, words, directory } = await withRequest();
    group('S0CALL', 'U0NINA');
    expect(await type('U0NINA', 'status')).not.toContain('not among the people');
    group('S0CALL', 'U0ELSE');
    directory.forget();
    expect(await type('U0NINA', `approve ${id}`)).toContain('not among the people');
    expect(words()).toBe(0);
  });

  test('Slack’s news of a group count at once', async () => {
    const { type, group, send } = await scene();
    group('S0CALL', 'U0NINA');
    await type('U0NINA', 'services');
    group('S0CALL', 'U0ELSE');
    const event = { type: 'subteam_members_changed', subteam_id: 'S0CALL' };
    await send({ payload: JSON.stringify({ type: 'event_callback', team_id: 'T0TEST', event }) });
    await soon(
      async () => expect(await type('U0NINA', 'services')).toContain('not among the people'),
      10_000,
    );
  });

  test('an approval by who leaves the group before the start does not start the run', async () => {
    const { type, group, id, app } = await withRequest();
    group('S0CALL', 'U0NINA');
    await type('U0NINA', `approve ${id}`);
    group('S0CALL', 'U0ELSE');
    await type('U0BOB', `approve ${id}`);
    expect((await app.settled(id)).phase).toBe('voided');
  });
});

describe('CVE-2026-28732 (Mattermost: another’s slash command taken over)', () => {
  test('a command of the same name from another app is not served', async () => {
    const { send, command, lines, journal } = await scene({ workspace: { app: 'A0STACKSWAP' } });
    await send(command('U0ANN', 'upgrade cinder to 2025.2', { api_app_id: 'A0EVIL' }));
    await soon(() => expect(JSON.stringify(lines)).toContain('a request from another app'));
    expect(journal.state().runs).toEqual({});
  });

  test('another command that reaches the bot is not taken for its own', async () => {
    const { send, command, type, journal, answers } = await scene();
    await send(command('U0ANN', 'upgrade cinder to 2025.2', { command: '/openstack2' }));
    await send(command('U0ANN', 'upgrade cinder to 2025.2', { command: '/OpenStack ' }));
    // An answer comes after the acknowledgement; by this one the others would have come, too.
    expect(await type('U0ANN', 'plan cinder to 2025.2')).toContain('2025.2');
    expect(answers()).toHaveLength(1);
    expect(journal.state().runs).toEqual({});
  });
});

describe('CVE-2026-3117 (Mattermost: subcommands without a check)', () => {
  test('a viewer is refused every command that does more than look', async () => {
    const { type, id, journal } = await withRequest();
    // Ten commands a minute are served to one person.
    const asked = { U0CEM: 'Cem', U0DAN: 'Dan' };
    const rest: Readonly<Record<string, string>> = {
      upgrade: 'cinder',
      hold: 'cinder "because of it"',
      unhold: 'cinder',
      review: `${id} "all is well here"`,
    };
    const changing = COMMANDS.filter(({ verb }) => verb !== 'look');
    const refused: string[] = [];
    for (const [at, { name }] of changing.entries()) {
      const [user, who] = Object.entries(asked)[at % 2] ?? ['', ''];
      const answer = await type(user, `${name} ${rest[name] ?? id}`);
      if (answer.includes(`${who} has the role viewer`)) refused.push(name);
    }
    expect(refused).toEqual(changing.map(({ name }) => name));
    expect(refused.length).toBeGreaterThan(9);
    expect(journal.state()).toMatchObject({
      runs: { [id]: { phase: 'proposed', approvals: [] } },
      holds: {},
    });
  });
});

describe('CVE-2018-17451 (GitLab: the Slack integration could be driven from another site)', () => {
  test('a request that Slack did not sign is answered 401 and reaches nothing', async () => {
    const { send, command, journal } = await scene();
    expect(await send(command('U0ANN', 'upgrade cinder to 2025.2'), false)).toBe(401);
    expect(journal.state().runs).toEqual({});
  });
});

/** Rows of the corpus that look like LIVE and lead elsewhere: what both of the following were made of. */
const DISGUISED = LINKS.filter((row) => /^<[^<>|]+\|LIVE>$/.test(row));

/** A link as Slack's markup and as its blocks have it. */
const LEADS = /<[a-z]+:|"type":"link"|"url":/;

describe('GitLab #340176, CVE-2022-0124 (a link in a Slack message led elsewhere than it said)', () => {
  test('is tried with five rows of the corpus, which are tried in every other field, too', () => {
    expect(DISGUISED).toHaveLength(5);
    for (const row of DISGUISED) expect(corpus()).toContain(row);
  });

  test.each(DISGUISED.map((row) => [row]))(
    '%s in somebody’s words is the text that they saw',
    async (row) => {
      const { type, journal } = await scene();
      await type('U0ANN', `hold cinder "see ${row}"`);
      expect(journal.state().holds).toMatchObject({ cinder: { reason: 'see LIVE' } });
      const shown = await type('U0CEM', 'status cinder');
      expect(shown).toContain('see LIVE');
      expect(shown).not.toMatch(LEADS);
    },
  );

  test.each(DISGUISED.map((row) => [row]))('%s that was typed out is shown letter by letter', async (row) => {
    const { type, journal } = await scene();
    const typed = row.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    await type('U0ANN', `hold cinder "see ${typed}"`);
    expect(journal.state().holds).toMatchObject({ cinder: { reason: `see ${row}` } });
    const shown = await type('U0CEM', 'status cinder');
    expect(shown).toContain(`see ${typed}`);
    expect(shown).not.toMatch(LEADS);
  });
});

describe('people from outside', () => {
  test.each([
    ['a guest', { is_restricted: true }, 'guest'],
    ['a guest of one channel', { is_ultra_restricted: true }, 'guest'],
    ['a stranger', { is_stranger: true }, 'not of this Slack workspace'],
    ['a person of another workspace', { team_id: 'T0OTHER' }, 'not of this Slack workspace'],
    ['a bot', { is_bot: true }, 'bot'],
  ])('%s is refused, and told so in one sentence', async (_who, change, words) => {
    const { type, user, journal } = await scene();
    user('U0ANN', change);
    expect(await type('U0ANN', 'upgrade cinder to 2025.2')).toContain(words);
    expect(journal.state().runs).toEqual({});
  });

  test('a channel that is shared with outsiders takes no request', async () => {
    const bot = await scene();
    bot.channelBecomes({ is_ext_shared: true });
    expect(await bot.type('U0ANN', 'upgrade cinder to 2025.2')).toContain('People of another organisation');
    expect(bot.journal.state().runs).toEqual({});
  });

  test('what is asked in another channel is refused there, and the right one is named', async () => {
    const { type } = await scene();
    expect(await type('U0ANN', 'status', { channel_id: 'C0ELSE' })).toContain('Ask in #ops.');
  });
});
