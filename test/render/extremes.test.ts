import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { serviceNamed } from '../../src/catalogue/index.js';
import type { Reply } from '../../src/command.js';
import { Refusal } from '../../src/errors.js';
import { renderMessage } from '../../src/render/message.js';
import { redacted } from '../../src/render/redacted.js';
import { bugReply, refusalReply } from '../../src/render/refusal.js';
import { PHASES, type Phase } from '../../src/run/phase.js';
import type { Run } from '../../src/run/run.js';
import { type Random, randomFrom } from '../../src/sim/random.js';
import { shapeOf } from '../../src/slack/answer.js';
import { copyView } from '../../src/slack/copies.js';
import { answeredView } from '../../src/slack/prompts.js';
import { doctorView } from '../../src/views/doctor.js';
import {
  askView,
  dryRunView,
  glassView,
  healthView,
  historyView,
  planView,
  progressView,
  resultView,
  reviewDueView,
  rootView,
  statusView,
} from '../../src/views/index.js';
import { runView } from '../../src/views/run.js';
import { seen } from '../builders.js';
import { messageProblems } from '../doubles/block-kit.js';
import { fakeApp } from '../fake-app.js';
import { placesOfCalls, placesOfReplies } from './drawn.js';
import { ALL_KINDS, actorOf, everyKind, extremePlan, extremeReport, extremeRun, textOf } from './extremes.js';

const SEEDS = 3;
const DRAWINGS = ['rich', 'plain'] as const;

const statusOf = (random: Random, run: Run): Reply =>
  statusView([
    {
      service: serviceNamed('cinder'),
      containers: Array.from({ length: random.pick([0, 3, 900]) }, (_none, at) => ({
        ...seen('cinder_api', { host: `ctl${at}`, tag: 't'.repeat(random.between(1, 128)) }),
        state: textOf(random),
        health: textOf(random),
      })),
      releases: [textOf(random)],
      run,
      hold: { service: 'cinder', by: run.requestedBy, reason: textOf(random), at: run.lastEventAt },
      findings: run.plan.findings,
      unreachable: [{ host: textOf(random), why: textOf(random) }],
    },
  ]);

const named = (name: string) => {
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) throw new Error(`there is no command ${name}`);
  return command;
};

/** What a command says over an app whose people and holds are as bad as they can be. */
const saidBy = async (random: Random, name: string, args: Record<string, unknown> = {}): Promise<Reply> => {
  const actor = actorOf(random);
  const app = {
    ...fakeApp(),
    admit: async () => actor,
    hold: async () => ({
      service: textOf(random),
      by: actor,
      reason: textOf(random),
      at: '2026-11-22T10:00:00.000Z',
    }),
    unhold: async () => undefined,
  };
  return named(name).run(app, args, { actor });
};

const briefOf = (reply: Reply): readonly Reply[] => {
  const inbound = {
    kind: 'mention' as const,
    text: 'upgrade cinder',
    channel: 'C0OPS',
    user: 'U012ABC',
    teams: ['T0TEST'],
    enterprise: undefined,
    app: undefined,
    key: 'k',
    threaded: false,
    sharedOutside: false,
    userName: undefined,
    thread: undefined,
    clicked: undefined,
    responseUrl: undefined,
  };
  const shape = shapeOf(inbound, { kind: 'done', command: named('upgrade'), reply });
  return shape ? [shape.reply] : [];
};

type Drawn = (random: Random, run: Run) => readonly Reply[] | Promise<readonly Reply[]>;

/** Every function of the program that makes a reply, with replies of it that are as bad as they can be. */
const REPLIES: Readonly<Record<string, Drawn>> = {
  'src/views/root.ts rootView': (_random, run) => [rootView(run)],
  'src/views/plan.ts planView': (_random, run) => [planView(run)],
  'src/views/plan.ts dryRunView': (_random, run) => [dryRunView(run.plan)],
  'src/views/progress.ts progressView': (_random, run) => [progressView(run)],
  'src/views/health.ts healthView': (_random, run) => [healthView(run)],
  'src/views/ask.ts askView': (_random, run) => [askView(run)],
  'src/views/result.ts resultView': (_random, run) => [resultView(run)],
  'src/views/glass.ts glassView': (_random, run) => [glassView(run)],
  'src/views/glass.ts reviewDueView': (_random, run) => [reviewDueView(run)],
  'src/views/run.ts runView': (_random, run) => [runView(run)],
  'src/views/history.ts historyView': (random, run) => [
    historyView(Array.from({ length: random.pick([0, 1, 40]) }, () => run)),
  ],
  'src/views/status.ts statusView': (random, run) => [statusOf(random, run)],
  'src/views/doctor.ts doctorView': (random) =>
    [1, 8, 300].map((hosts) => doctorView(extremeReport(random, hosts))),
  'src/slack/prompts.ts answeredView': (random, run) => [
    answeredView({ slot: 'asked-1', why: textOf(random) }),
    answeredView({
      slot: 'asked-1',
      why: textOf(random),
      answer: { words: 'Resumed', by: run.requestedBy, at: run.lastEventAt },
    }),
  ],
  'src/slack/copies.ts copyView': (_random, run) => [copyView(run.id)],
  'src/slack/answer.ts brief': (_random, run) => briefOf(rootView(run)),
  'src/render/refusal.ts refusalReply': (random) => [
    refusalReply(new Refusal('plan-blocked', textOf(random), textOf(random))),
  ],
  'src/render/refusal.ts bugReply': () => [bugReply('0123abcd')],
  // Whatever a redactor puts in place of a secret may be longer than it was.
  'src/render/redacted.ts redacted': (_random, run) =>
    [rootView(run), planView(run), askView(run)].map((reply) =>
      redacted(reply, (text) => `${text}${'[redacted]'.repeat(8)}`),
    ),
  'commands/help.ts overview': async (random) => [await saidBy(random, 'help')],
  'commands/help.ts detail': (random) =>
    Promise.all(COMMANDS.map(({ name }) => saidBy(random, 'help', { verb: name }))),
  'commands/services.ts services': async (random) => [await saidBy(random, 'services')],
  'commands/hold.ts hold': async (random) => [
    await saidBy(random, 'hold', { service: textOf(random), reason: textOf(random) }),
  ],
  'commands/unhold.ts unhold': async (random) => [
    await saidBy(random, 'unhold', { service: textOf(random) }),
  ],
};

/** Slack's markup that calls people or leads elsewhere; times and people are the bot's own. */
const ALIVE = /<!(?!date\^)|<(?:https?|mailto|tel|slack):|<#|<@(?![UW][A-Z0-9]{2,}>)/;

const mrkdwnIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwnIn);
};

const problemsOf = (reply: Reply): readonly string[] =>
  DRAWINGS.flatMap((drawing) => {
    const message = renderMessage(reply, drawing);
    const marked = JSON.stringify(message.blocks.flatMap((block) => mrkdwnIn(block)));
    return [
      ...messageProblems(message, { rich: drawing === 'rich' }),
      ...(ALIVE.test(marked) || ALIVE.test(message.text) ? [`something is alive in ${marked}`] : []),
    ];
  });

/** What Slack would refuse of all that is said, by who says it; those who say nothing stand there, too. */
const judged = async (random: Random, run: Run): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const [place, draw] of Object.entries(REPLIES)) {
    const replies = await draw(random, run);
    if (replies.length === 0) problems.push(`${place} says nothing`);
    problems.push(...replies.flatMap(problemsOf).map((problem) => `${place}: ${problem}`));
  }
  return problems;
};

test('each function of the program that makes a reply is among those that are looked at here', () => {
  const sorted = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => (a < b ? -1 : 1));
  expect(sorted(Object.keys(REPLIES))).toEqual(sorted(placesOfReplies()));
});

test('nothing but rendered replies is sent: two files of the bot speak to Slack', () => {
  expect([...placesOfCalls()]).toEqual(['src/slack/answer.ts', 'src/slack/delivery.ts']);
});

test.each(ALL_KINDS)('characters of the kind %s, which Unicode has, are in the texts', (kind) => {
  expect(everyKind()).toMatch(new RegExp(`\\p{${kind}}`, 'u'));
});

describe.each<Phase>([...PHASES])('every message and answer about a run that is %s', (phase) => {
  test.each(Array.from({ length: SEEDS }, (_none, seed) => seed))(
    'is one that Slack takes, whatever is in it (seed %i)',
    async (seed) => {
      const random = randomFrom(seed, phase);
      expect(await judged(random, extremeRun(random, phase))).toEqual([]);
    },
  );
});

test.each<Phase>(['proposed', 'running', 'paused', 'rolled-back', 'finalized'])(
  'every message and answer about a run over 300 hosts that is %s is one that Slack takes',
  async (phase) => {
    const random = randomFrom(7, phase);
    expect(await judged(random, extremeRun(random, phase, extremePlan(random, 300)))).toEqual([]);
  },
);
