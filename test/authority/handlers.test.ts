import { readdirSync, readFileSync } from 'node:fs';
import type { App as BoltApp } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { guard, POLICY } from '../../src/app/guard.js';
import type { App } from '../../src/app.js';
import { ROLES_FOR } from '../../src/authority/authority.js';
import { takeFlags } from '../../src/cli/flags.js';
import { runSession } from '../../src/cli/session.js';
import { Refusal } from '../../src/errors.js';
import type { Actor } from '../../src/run/event.js';
import { PHASES } from '../../src/run/phase.js';
import { actorOf, dispatcher } from '../../src/slack/dispatch.js';
import { readButton, readMention, readSlash } from '../../src/slack/inbound.js';
import { LISTENERS, reception } from '../../src/slack/reception.js';
import { askView, planView, rootView } from '../../src/views/index.js';
import { runAt } from '../builders.js';
import { fakeApp, fakeConfig } from '../fake-app.js';
import { freshScene } from '../run/scene.js';
import { keptLog } from '../slack/fake-app.js';

const EVE: Actor = { id: 'U0EVE', name: 'Eve', door: 'slack' };
const ASKED = Object.entries(POLICY).filter(([, verb]) => verb !== 'program');

/** An app that lets nobody in, and remembers whatever else was asked of it. */
const closedApp = () => {
  const reached: string[] = [];
  const open = fakeApp([runAt('proposed')]);
  const app = new Proxy(open, {
    get: (target, name: keyof App) => {
      if (name === 'config') return target.config;
      if (name === 'admit')
        return async (actor: Actor): Promise<never> => {
          throw new Refusal('not-allowed', `${actor.name} is nobody here.`, 'Go.');
        };
      return (..._said: unknown[]): never => {
        reached.push(String(name));
        throw new Error(`${String(name)} was reached`);
      };
    },
  }) as App;
  return { app, reached };
};

describe('every method of the app', () => {
  test('has a policy', async () => {
    const { life } = await freshScene();
    const methods = Object.keys(life.app).filter((name) => name !== 'config');
    expect(new Set(methods)).toEqual(new Set(Object.keys(POLICY)));
  });

  test.each(ASKED)('%s is refused to a stranger, before anything else is looked at', async (name) => {
    const { life, journal } = await freshScene();
    const method = life.app[name as 'upgrade'] as (actor: Actor, ...said: unknown[]) => Promise<unknown>;
    await expect(method(EVE, 'r1', 'some words of more than twenty')).rejects.toMatchObject({
      code: 'not-allowed',
    });
    expect(journal.head().seq).toBe(0);
  });

  test('behind the guard is told who came, and never reached by who was not let in', async () => {
    const seen: unknown[] = [];
    const behind = Object.fromEntries(
      ASKED.map(([name]) => [name, async (known: unknown) => void seen.push(known)]),
    );
    const refuse = async (): Promise<never> => {
      throw new Refusal('not-allowed', 'No.', 'Go.');
    };
    const guarded = guard(behind as unknown as Parameters<typeof guard>[0], refuse);
    for (const [name] of ASKED)
      await expect(guarded[name as 'unhold'](EVE, 'cinder')).rejects.toMatchObject({ code: 'not-allowed' });
    expect(seen).toEqual([]);
  });
});

describe('every command', () => {
  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s asks for a verb that authority knows, before it does anything',
    async (_name, command) => {
      const { app, reached } = closedApp();
      expect(Object.keys(ROLES_FOR)).toContain(command.verb);
      await expect(command.run(app, {}, { actor: EVE })).rejects.toMatchObject({ code: 'not-allowed' });
      expect(reached).toEqual([]);
    },
  );

  test('that changes something asks for the verb of its own name, and the rest only look', () => {
    const looking = COMMANDS.filter(({ verb }) => verb === 'look').map(({ name }) => name);
    expect(looking).toEqual(['help', 'services', 'status', 'doctor', 'plan', 'history']);
    for (const { name, verb } of COMMANDS) if (!looking.includes(name)) expect(verb).toBe(name);
  });

  test('hands its work who was let in, and not who asked', async () => {
    const app = fakeApp();
    const [unhold] = COMMANDS.filter(({ name }) => name === 'unhold');
    await unhold?.run(app, { service: 'cinder' }, { actor: { id: 'erin', name: 'whoever', door: 'cli' } });
    expect(app.asked).toEqual(['unhold Erin cinder']);
  });
});

const COMMAND_BODY = { team_id: 'T0HOME', user_id: 'U0EVE', channel_id: 'C012ABCDEF', command: '/openstack' };
const clickOn = (verb: string, value = 'r1:t0') => ({
  type: 'block_actions',
  team: { id: 'T0HOME' },
  user: { id: 'U0EVE', team_id: 'T0HOME' },
  channel: { id: 'C012ABCDEF' },
  container: { type: 'message', message_ts: '1.1' },
  actions: [{ type: 'button', action_id: `stackswap:${verb}`, value, action_ts: '1.2' }],
});

/** A Bolt that only remembers what listens. */
const listeners = (app: App) => {
  const heard = new Map<string, (said: Record<string, unknown>) => Promise<void>>();
  const bolt = new Proxy(
    {},
    {
      get:
        (_bolt, kind: string) =>
        (...said: unknown[]) => {
          const [name] = said;
          const listener = said.at(-1) as (said: Record<string, unknown>) => Promise<void>;
          if (kind !== 'error') heard.set(`${kind} ${name instanceof RegExp ? name.source : name}`, listener);
        },
    },
  ) as BoltApp;
  const answers: string[] = [];
  const forgotten: true[] = [];
  reception({
    bolt,
    app,
    log: keptLog().log,
    standing: Promise.resolve({
      team: 'T0HOME',
      home: { teams: ['T0HOME'], enterprise: undefined, wide: false, app: undefined, problems: [] },
      botUser: 'U0BOT',
      botId: undefined,
      problems: [],
    }),
    dispatch: dispatcher({
      app,
      commands: COMMANDS,
      requirePlace: async () => undefined,
      runOfThread: () => undefined,
      log: keptLog().log,
    }),
    answer: async (_inbound, { kind }) => void answers.push(kind),
    messages: { redraw: () => undefined } as unknown as Parameters<typeof reception>[0]['messages'],
    forgetPeople: () => void forgotten.push(true),
  });
  return { heard, answers, forgotten };
};

/** Everything by which Bolt is given something to listen to or to put in front, whatever the variable is called. */
const REGISTERS =
  /(?:\.|\?\.)\s*(?:action|assistant|command|customStep|event|function|global|message|options|shortcut|step|use|view)\s*(?:<[^>()]*>\s*)?\(|\[\s*['"`](?:action|assistant|command|event|function|message|options|shortcut|use|view)['"`]\s*\]/;

/** Only a file that has Bolt in its hands can register with it. */
const registers = (text: string): boolean =>
  /['"`]@slack\/bolt['"`]|\bbolt\b/i.test(text) && REGISTERS.test(text);

const SRC = new URL('../../src/', import.meta.url);
const sources = ['src', 'commands'].flatMap((folder) =>
  readdirSync(new URL(`../../${folder}/`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.m?[jt]s$/.test(path) && !path.includes('node_modules'))
    .map((path) => `${folder}/${path}`),
);

describe('every listener in Slack', () => {
  test('is registered in src/slack/reception.ts, where its policy is listed, and in no other file', () => {
    const text = (path: string): string => readFileSync(new URL(`../${path}`, SRC), 'utf8');
    expect(sources.filter((path) => registers(text(path)))).toEqual(['src/slack/reception.ts']);
    expect(sources.filter((path) => /\bnew\s+BoltApp\b/.test(text(path)))).toEqual(['src/slack/start.ts']);
  });

  test.each([
    "bolt.action('evil', async ({ ack }) => ack());",
    'bolt\n  .command(`/evil`, listener);',
    "bolt.event<'app_mention'>('app_mention', listener);",
    'const other = bolt; other?.view(/evil/, listener);',
    "const { bolt: hidden } = parts; hidden.shortcut('evil', listener);",
    "bolt['options']('evil', listener);",
    'bolt.message(listener); ',
    "bolt.function('evil', listener);",
    'bolt.assistant(evil);',
    'bolt.use(async ({ next }) => next());',
  ])('would be seen in any other file: %s', (line) => {
    const start = readFileSync(new URL('slack/start.ts', SRC), 'utf8');
    expect([registers(start), registers(`${start}\n${line}`)]).toEqual([false, true]);
  });

  test('has a policy: all that is registered with Bolt is in the list, and no more', () => {
    expect(new Set(listeners(fakeApp()).heard.keys())).toEqual(new Set(Object.keys(LISTENERS)));
  });

  test('that asks reaches nothing of the app for somebody who is not let in', async () => {
    const { app, reached } = closedApp();
    const { heard, answers } = listeners(app);
    const ack = async () => undefined;
    for (const { name } of COMMANDS) {
      await heard.get('command /openstack')?.({
        ack,
        body: { ...COMMAND_BODY, text: `${name} r1`, trigger_id: `t-${name}` },
      });
      await heard.get('action ^stackswap:')?.({ ack, body: clickOn(name) });
      await heard.get('event app_mention')?.({
        body: {
          team_id: 'T0HOME',
          event: {
            type: 'app_mention',
            user: 'U0EVE',
            text: `<@U0BOT> ${name} r1`,
            ts: `1.${name.length}${name.charCodeAt(1)}`,
            channel: 'C012ABCDEF',
          },
        },
      });
    }
    expect(new Set(answers)).toEqual(new Set(['refused']));
    // A refused click draws its message anew, which looks the run up and changes nothing.
    expect(reached.filter((name) => name !== 'run')).toEqual([]);
  });

  test('that forgets touches nothing of the app', async () => {
    const { app, reached } = closedApp();
    const { heard, forgotten, answers } = listeners(app);
    await heard.get('event subteam_members_changed')?.({ body: {} });
    expect([forgotten.length, reached, answers]).toEqual([1, [], []]);
  });
});

test.each(['src/main.ts', 'src/demo/bot.ts', 'src/cli/main.ts'])(
  '%s hands its app a directory, so that no Slack account is believed unseen',
  (path) => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(text).toMatch(/buildApp\(\{[^}]*\bdirectory\b/);
    expect(text).not.toContain('LISTED_ONLY');
  },
);

test('every button that can be drawn stands for a command', () => {
  const verbs = PHASES.flatMap((phase) => {
    const run = runAt(phase);
    return [rootView(run), planView(run), askView(run)].flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'buttons' ? block.buttons.map(({ verb }) => verb) : [])),
    );
  });
  const names = COMMANDS.map(({ name }) => name);
  expect(verbs.length).toBeGreaterThan(10);
  expect([...new Set(verbs)].filter((verb) => !names.includes(verb))).toEqual([]);
});

describe('every word at the command line', () => {
  const type = async (...words: readonly string[]) => {
    const { app, reached } = closedApp();
    const said: string[] = [];
    const exit = await runSession({
      app,
      commands: COMMANDS,
      request: { words, login: 'erin' },
      say: (text) => void said.push(text),
      left: new AbortController().signal,
      alone: false,
      redact: (text) => text,
    });
    return { exit, reached, said: said.join('\n') };
  };

  test.each(COMMANDS.map(({ name }) => [name]))('%s is refused to who is not let in', async (name) => {
    const given = { hold: ['cinder', 'because of it'], review: ['r1', 'all is well here'] }[name] ?? [];
    const needs = ['plan', 'upgrade', 'unhold'].includes(name) ? ['cinder'] : given;
    const { exit, reached, said } = await type(name, ...needs);
    expect([exit, reached, said.includes('Erin is nobody here.')]).toEqual([1, [], true]);
  });

  test('a login that nobody has is refused before its words are acted upon', async () => {
    const app = fakeApp();
    const said: string[] = [];
    const request = { words: ['upgrade', 'cinder'], login: 'eve' };
    const session = { app, commands: COMMANDS, request, say: (text: string) => void said.push(text) };
    const exit = await runSession({
      ...session,
      left: new AbortController().signal,
      alone: false,
      redact: (text) => text,
    });
    expect([exit, app.asked, said.join('')]).toEqual([1, [], expect.stringContaining('belongs to nobody')]);
  });

  test('to break the glass is asked for before the request is made', async () => {
    const { reached } = await type(
      'upgrade',
      'cinder',
      '--break-glass',
      'API down since two, nobody answers',
    );
    expect(reached).toEqual([]);
    expect(takeFlags(['upgrade', 'x', '--break-glass=API down since two o’clock']).breakGlass).toHaveLength(
      26,
    );
  });
});

describe('the person behind a request', () => {
  const spoken = 'approve r1 by <@U0OLGA|olga> as U0OLGA team T0OTHER';

  test.each([
    ['typed', () => readSlash({ ...COMMAND_BODY, text: spoken, trigger_id: 't' })],
    ['clicked', () => readButton(clickOn('approve', 'r1:U0OLGA:T0OTHER'))],
    [
      'mentioned',
      () =>
        readMention({
          team_id: 'T0HOME',
          event: { type: 'app_mention', user: 'U0EVE', text: spoken, ts: '1.1', channel: 'C012ABCDEF' },
        }),
    ],
  ])('is the envelope’s where it was %s, whatever the words and the button say', (_how, read) => {
    const inbound = read();
    if (!inbound) throw new Error('nothing was read');
    expect(actorOf({ ...fakeApp(), config: fakeConfig }, inbound)).toEqual({
      id: 'U0EVE',
      name: 'U0EVE',
      door: 'slack',
      team: 'T0HOME',
    });
  });
});
