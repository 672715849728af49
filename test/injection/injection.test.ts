import { describe, expect, test } from 'vitest';
import { serviceNamed } from '../../src/catalogue/index.js';
import { spoken } from '../../src/cli/spoken.js';
import type { Reply } from '../../src/command.js';
import { Refusal } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import { renderMessage, type SlackMessage } from '../../src/render/message.js';
import { refusalReply } from '../../src/render/refusal.js';
import { renderText } from '../../src/render/text.js';
import type { RunEvent } from '../../src/run/event.js';
import { PHASES } from '../../src/run/phase.js';
import type { Run } from '../../src/run/run.js';
import { slotsOf } from '../../src/slack/slots.js';
import { askView } from '../../src/views/ask.js';
import { doctorView } from '../../src/views/doctor.js';
import { eventLine } from '../../src/views/event.js';
import { historyView } from '../../src/views/history.js';
import { dryRunView } from '../../src/views/plan.js';
import { runView } from '../../src/views/run.js';
import { statusView } from '../../src/views/status.js';
import { erin, eventsTo, healthOf, runAt, samplePlan, seen } from '../builders.js';
import { messageProblems } from '../doubles/block-kit.js';
import { corpus } from './corpus.js';

const CORPUS = corpus();

/** Words of our own that views choose by; all other texts come from somewhere. */
const OURS =
  /^(?:kind|phase|level|verdict|outcome|status|door|direction|change|rollbackClass|when|onFailure|part|choices|probe|weight|fingerprint|service|at|ts|.*At)$/;

/** Whose words an event carries; people are known by their id, and shown by their name. */
const poisoned = <T>(value: T, payload: string, key = ''): T => {
  if (typeof value === 'string') return (OURS.test(key) ? value : `${value}${payload}`) as T;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, payload, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, poisoned(inner, payload, name)]),
  ) as T;
};

const AFTER: readonly RunEvent[] = [{ kind: 'noted', text: 'Something that people should read.' }];
const ILL = healthOf('cinder_api', {
  outcome: 'unhealthy',
  probes: [{ probe: 'http', verdict: 'waiting', why: 'answers 503' }],
});
const findings = (['block', 'warn'] as const).map((level) => ({
  code: 'image',
  level,
  text: 'The image cannot be had.',
  wayOut: 'Check the tag.',
}));

const runs: readonly Run[] = PHASES.map((phase) =>
  runAt(phase, {
    plan: samplePlan({ findings, overrides: { jump: 'because', backup: 'on tape' } }),
    after: AFTER,
  }),
);

const repliesFor = (payload: string, at: number): readonly Reply[] => {
  const index = at % runs.length;
  const clean = runs[index] ?? runAt('upgraded');
  const run: Run = poisoned(clean, payload);
  const status = {
    service: serviceNamed('cinder'),
    containers: [{ ...poisoned(seen('cinder_api'), payload), state: `running${payload}`, health: payload }],
    releases: [payload],
    findings: poisoned(findings, payload),
    unreachable: [{ host: payload, why: payload }],
    hold: { service: 'cinder', by: poisoned(erin, payload), reason: payload, at: '2026-11-22T10:00:00.000Z' },
    run,
  };
  const check = { name: 'api', level: 'mend' as const, what: payload, why: payload, wayOut: payload };
  return [
    ...slotsOf(run, []).map((slot) => slot.reply()),
    runView(run),
    ...(run.asked ? [askView(run)] : []),
    historyView([run]),
    dryRunView(run.plan),
    statusView([status]),
    doctorView({ hosts: [{ host: payload, tookMs: 1, checks: [check] }], cloud: [check] } as never),
    refusalReply(new Refusal('image' as never, payload, payload)),
    {
      summary: payload,
      blocks: [
        { kind: 'output', text: payload },
        { kind: 'heading', text: payload },
      ],
    },
  ];
};

type Text = {
  readonly type?: unknown;
  readonly key: string;
  readonly text: string;
  readonly verbatim?: unknown;
  readonly emoji?: unknown;
};

/** Every text of a message with the object that says how Slack reads it. */
const textsIn = (value: unknown, key = ''): Text[] => {
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, key));
  if (value === null || typeof value !== 'object') return [];
  const { type, text, verbatim, emoji } = value as Record<string, unknown>;
  const own = typeof text === 'string' ? [{ type, key, text, verbatim, emoji }] : [];
  const strings = Object.entries(value)
    .filter(([name, inner]) => typeof inner === 'string' && name !== 'text')
    .map(([name, inner]) => ({ type: 'string', key: name, text: String(inner) }));
  return [...own, ...strings, ...Object.entries(value).flatMap(([name, inner]) => textsIn(inner, name))];
};

const DATE = /<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[\d: UTC-]+>/g;
/** The people of the builders have no Slack ids, so no mention can be one of ours. */
const OWN_TOKENS = [DATE];

const UNSEEN = /[\p{Cf}\p{Co}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}|\p{Cs}/u;

const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');

/** What of one text Slack would make live; empty when nothing. */
const liveIn = ({ type, text, verbatim, emoji, key }: Text, payload = text): string[] => {
  const problems: string[] = [];
  if (UNSEEN.test(text)) problems.push(`an unseen character in ${key}`);
  if (type === 'plain_text' && emoji !== false) problems.push(`emoji in ${key}`);
  if (type !== 'mrkdwn') return problems;
  if (verbatim !== true) problems.push('not verbatim');
  const bare = OWN_TOKENS.reduce((left, token) => left.replace(token, ''), text);
  if (/[<>]/.test(bare)) problems.push(`markup of somebody else: ${/.{0,20}[<>].{0,30}/.exec(bare)?.[0]}`);
  const read = withoutCode(bare);
  if (read.includes('`')) problems.push('code that is not ended');
  for (const mark of [
    '*LIVE*',
    ' _LIVE_ ',
    ' ~LIVE~ ',
    ':tada:',
    ':rotating_light:',
    ':+1:',
    '\n> LIVE',
    '\n>>> ',
  ])
    if (payload.includes(mark) && read.includes(mark)) problems.push(`${mark} would be drawn`);
  if (/^&gt;/m.test(read)) problems.push('a quote');
  return problems;
};

const buttonsIn = (message: SlackMessage): string[] =>
  message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map((element) => String(Object(element).action_id)) : [],
  );

const judged = (reply: Reply, payload: string, drawing: 'rich' | 'plain'): string[] => {
  const message = renderMessage(reply, drawing);
  const own = reply.blocks.flatMap((block) =>
    block.kind === 'buttons' ? block.buttons.map(({ verb }) => `stackswap:${verb}`) : [],
  );
  return [
    ...textsIn(message.blocks).flatMap((text) => liveIn(text, payload)),
    ...liveIn({ type: 'mrkdwn', key: 'text', text: message.text, verbatim: true }, payload),
    ...messageProblems({ ...message }, { rich: drawing === 'rich' }),
    ...(buttonsIn(message).every((id) => own.includes(id)) ? [] : ['a button that is not ours']),
  ];
};

describe('text from outside', () => {
  test(`is never live in Slack: ${CORPUS.length} strings, each in every field of what is shown of a run in one of its ${PHASES.length} phases`, () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(500);
    // The phases take turns, so each meets some thirty of the strings.
    expect(new Set(runs.map(({ phase }) => phase)).size).toBe(PHASES.length);
    let rendered = 0;
    for (const [at, payload] of CORPUS.entries())
      for (const [index, reply] of repliesFor(payload, at).entries())
        for (const drawing of ['rich', 'plain'] as const) {
          rendered += 1;
          const problems = judged(reply, payload, drawing);
          expect([payload.slice(0, 80), index, drawing, problems]).toEqual([
            payload.slice(0, 80),
            index,
            drawing,
            [],
          ]);
        }
    expect(rendered).toBeGreaterThan(CORPUS.length * 10);
  }, 120_000);

  test('never moves the cursor of a terminal, nor is unseen there', () => {
    for (const [at, payload] of CORPUS.entries()) {
      const said = repliesFor(payload, at).map((reply) => renderText(reply));
      const events = eventsTo(PHASES[at % PHASES.length] ?? 'failed', { after: AFTER });
      const told = [
        ...events,
        { kind: 'health' as const, part: 'steps' as const, index: 0, report: ILL },
      ].map((event) => eventLine(poisoned(event, payload), runs[at % runs.length] ?? runAt('failed')) ?? '');
      for (const text of [...said, ...told.map((line) => spoken(line, (words) => words))])
        expect([payload.slice(0, 80), UNSEEN.exec(text)?.[0]]).toEqual([payload.slice(0, 80), undefined]);
    }
  }, 60_000);

  test('is one line of the log, in which nothing is unseen, and reads back as it was', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'trace',
      redact: redactor(),
      destination: { write: (line) => void lines.push(line) },
    });
    for (const payload of CORPUS) {
      lines.length = 0;
      log.error({ user: payload, err: new Error(payload), [payload]: payload }, payload);
      expect(lines).toHaveLength(1);
      const [line = ''] = lines;
      expect([payload.slice(0, 80), line.split('\n').length, line.endsWith('\n')]).toEqual([
        payload.slice(0, 80),
        2,
        true,
      ]);
      expect([payload.slice(0, 80), UNSEEN.exec(line.trimEnd())?.[0]]).toEqual([
        payload.slice(0, 80),
        undefined,
      ]);
      expect(Object(JSON.parse(line)).level).toBe('error');
    }
  });

  test('would be found by the judge if it were live', () => {
    const seenLive = (text: string) => liveIn({ type: 'mrkdwn', key: 'text', text, verbatim: true }).length;
    for (const text of [
      '<!channel>',
      'a <@U0EVIL>',
      '<http://evil.example|x>',
      'say *LIVE*',
      ':tada:',
      'a\u202Eb',
      '`open',
    ])
      expect([text, seenLive(text)]).toEqual([text, 1]);
    expect(
      seenLive('<!date^1700000000^{date_short_pretty} {time_secs}|2023-11-14 22:13:20 UTC> `<code>`'),
    ).toBe(1);
    expect(liveIn({ type: 'mrkdwn', key: 'text', text: 'x' })).toEqual(['not verbatim']);
    expect(seenLive('*bold* and `code` at 10:00:00')).toBe(0);
  });
});
