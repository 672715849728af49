import { describe, expect, test } from 'vitest';
import { serviceNamed } from '../../src/catalogue/index.js';
import type { Reply } from '../../src/command.js';
import { Refusal } from '../../src/errors.js';
import { renderMessage } from '../../src/render/message.js';
import { bugReply, refusalReply } from '../../src/render/refusal.js';
import { PHASES, type Phase } from '../../src/run/phase.js';
import type { Run } from '../../src/run/run.js';
import { type Random, randomFrom } from '../../src/sim/random.js';
import { answeredView } from '../../src/slack/prompts.js';
import {
  askView,
  dryRunView,
  healthView,
  historyView,
  planView,
  progressView,
  resultView,
  rootView,
  statusView,
} from '../../src/views/index.js';
import { runView } from '../../src/views/run.js';
import { seen } from '../builders.js';
import { messageProblems } from '../doubles/block-kit.js';
import { extremePlan, extremeRun, textOf } from './extremes.js';

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

/** All that the bot says of a run. */
const messagesOf = (random: Random, run: Run): readonly Reply[] => [
  rootView(run),
  planView(run),
  progressView(run),
  healthView(run),
  askView(run),
  resultView(run),
  answeredView({
    slot: 'asked-1',
    why: textOf(random),
    answer: { words: 'Resumed', by: run.requestedBy, at: run.lastEventAt },
  }),
];

/** What it answers to those who ask. */
const answersOf = (random: Random, run: Run): readonly Reply[] => [
  runView(run),
  dryRunView(run.plan),
  historyView(Array.from({ length: random.pick([1, 40]) }, () => run)),
  statusOf(random, run),
  refusalReply(new Refusal('plan-blocked', textOf(random), textOf(random))),
  bugReply('0123abcd'),
];

/** Slack's markup that calls people or leads elsewhere; times and people are the bot's own. */
const ALIVE = /<!(?!date\^)|<(?:https?|mailto|tel|slack):|<#|<@(?![UW][A-Z0-9]{2,}>)/;

const judge = (replies: readonly Reply[]): readonly string[] =>
  replies.flatMap((reply) =>
    DRAWINGS.flatMap((drawing) => {
      const message = renderMessage(reply, drawing);
      const marked = JSON.stringify(message.blocks.flatMap((block) => mrkdwnIn(block)));
      return [
        ...messageProblems(message, { rich: drawing === 'rich' }),
        ...(ALIVE.test(marked) || ALIVE.test(message.text) ? [`something is alive in ${marked}`] : []),
      ];
    }),
  );

const mrkdwnIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwnIn);
};

describe.each<Phase>([...PHASES])('every message of a run that is %s', (phase) => {
  test.each(Array.from({ length: SEEDS }, (_none, seed) => seed))(
    'is one that Slack takes, whatever is in it (seed %i)',
    (seed) => {
      const random = randomFrom(seed, phase);
      const run = extremeRun(random, phase);
      expect(judge(messagesOf(random, run))).toEqual([]);
    },
  );
});

test.each(Array.from({ length: 20 }, (_none, seed) => seed))(
  'every answer is one that Slack takes, whatever it is about (seed %i)',
  (seed) => {
    const random = randomFrom(seed, 'answers');
    expect(judge(answersOf(random, extremeRun(random, random.pick(PHASES))))).toEqual([]);
  },
);

test.each<Phase>(['proposed', 'running', 'rolled-back', 'finalized'])(
  'every message of a run over 300 hosts that is %s is one that Slack takes',
  (phase) => {
    const random = randomFrom(7, phase);
    const run = extremeRun(random, phase, extremePlan(random, 300));
    expect(judge(messagesOf(random, run))).toEqual([]);
  },
);
