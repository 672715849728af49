import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Block, Line, Reply, Span } from '../../src/command.js';
import { renderMessage } from '../../src/render/message.js';
import { messageProblems } from '../doubles/block-kit.js';

/** Text as containers and people write it: markup, escapes, bidirectional marks, half surrogates, very long. */
const nasty = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\n\n',
    '<!channel>',
    '<@U012ABC>',
    '*bold* _it_ `code`',
    '\u202Eevil',
    '\ud800',
    '😀'.repeat(200),
    '&'.repeat(900),
    '\u001b[31mred\u001b[0m',
    '```',
  ),
  fc.nat(5_000).map((length) => 'x<&'.repeat(length / 3)),
);

const actor = fc.record({
  id: fc.constantFrom('U012ABC', 'erin', '<!here>'),
  name: nasty,
  door: fc.constant('slack' as const),
});

const span: fc.Arbitrary<Span> = fc.oneof(
  nasty,
  nasty.map((bold) => ({ bold })),
  nasty.map((code) => ({ code })),
  actor.map((person) => ({ person })),
  fc.oneof(nasty, fc.constant('2026-11-22T10:27:05.000Z')).map((time) => ({ time })),
);

const line: fc.Arbitrary<Line> = fc.array(span, { maxLength: 6 });

const button = fc.record(
  {
    label: nasty,
    verb: fc.constantFrom('approve', 'reject', 'rollback'),
    ref: nasty,
    style: fc.constantFrom('primary' as const, 'danger' as const),
    confirm: fc.record({ title: nasty, text: nasty, yes: nasty }),
  },
  { requiredKeys: ['label', 'verb', 'ref'] },
);

const task = fc.record(
  {
    id: nasty,
    title: nasty,
    status: fc.constantFrom(
      'pending' as const,
      'in_progress' as const,
      'complete' as const,
      'error' as const,
    ),
    detail: nasty,
  },
  { requiredKeys: ['id', 'title', 'status'] },
);

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('heading' as const), text: nasty }),
  fc.record({ kind: fc.constant('line' as const), line }),
  fc.record({ kind: fc.constant('small' as const), line }),
  fc.record({ kind: fc.constant('list' as const), lines: fc.array(line, { maxLength: 40 }) }),
  fc.record({
    kind: fc.constant('table' as const),
    header: fc.array(nasty, { maxLength: 25 }),
    rows: fc.array(fc.array(nasty, { maxLength: 25 }), { maxLength: 130 }),
  }),
  fc.record({
    kind: fc.constant('output' as const),
    text: fc.array(nasty, { maxLength: 50 }).map((lines) => lines.join('\n')),
  }),
  fc.record({ kind: fc.constant('tasks' as const), title: nasty, tasks: fc.array(task, { maxLength: 70 }) }),
  fc.record({ kind: fc.constant('buttons' as const), buttons: fc.array(button, { maxLength: 30 }) }),
  fc.constant({ kind: 'divider' as const }),
);

const reply: fc.Arbitrary<Reply> = fc.record({ summary: nasty, blocks: fc.array(block, { maxLength: 70 }) });

const textsOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && ['text', 'title'].includes(key) ? [inner] : textsOf(inner),
  );
};

const draw = (...blocks: Block[]) => renderMessage({ summary: 'A summary', blocks }, 'rich').blocks;
const drawn = (...line: Span[]) => textsOf(draw({ kind: 'line', line }))[0];

describe('a reply as a Slack message', () => {
  test.each(['rich', 'plain'] as const)(
    'drawn %s keeps every limit of Slack, whatever it says',
    (drawing) => {
      fc.assert(
        fc.property(reply, (any) => {
          expect(messageProblems(renderMessage(any, drawing), { rich: drawing === 'rich' })).toEqual([]);
        }),
        { numRuns: 250 },
      );
    },
  );

  test('has no live markup but what Stackswap itself wrote', () => {
    const live = /<[@!#](?!U012ABC>|date\^-?\d+\^\{date_short_pretty\} \{time_secs\}\|)|<https?:|<mailto:/;
    fc.assert(
      fc.property(reply, (any) => {
        for (const text of textsOf(
          renderMessage(any, 'rich').blocks.filter(({ type }) => type === 'section' || type === 'context'),
        ))
          expect(text).not.toMatch(live);
      }),
      { numRuns: 250 },
    );
  });

  test('is the same message for the same reply, block ids included', () => {
    fc.assert(
      fc.property(reply, (any) => {
        expect(renderMessage(any, 'rich')).toEqual(renderMessage(any, 'rich'));
      }),
      { numRuns: 50 },
    );
  });

  test('escapes what would be a mention, a link or an entity', () => {
    expect(drawn('<!channel> <@U012ABC> <http://evil.example|ok> &amp;')).toBe(
      '&lt;!channel&gt; &lt;@U012ABC&gt; &lt;http://evil.example|ok&gt; &amp;amp;',
    );
  });

  test('takes the life out of markup in text, and leaves names with underscores as they are', () => {
    expect(drawn('*bold* _it_ ~no~ `code` cinder_api__swap_r1 :tada: sha256:ab')).toBe(
      '∗bold∗ ˍitˍ ∼no∼ ˋcodeˋ cinder_api__swap_r1 ∶tada: sha256:ab',
    );
  });

  test('drops colours, control characters and marks that turn the reading direction', () => {
    expect(drawn('\u001b[31mred\u001b[0m \u202Eabc\u202C \u0007\u200Bx\ud800')).toBe('red abc x');
  });

  test('mentions a person by a Slack id only, and says the name of any other', () => {
    expect(
      drawn({ person: { id: 'U012ABC', name: 'Erin', door: 'slack' } }, ' ', {
        person: { id: 'erin', name: '<Erin>', door: 'cli' },
      }),
    ).toBe('<@U012ABC> &lt;Erin&gt;');
  });

  test('shows a time in the reader’s zone where Slack can, and in UTC where it is drawn plainly', () => {
    const block: Block = { kind: 'line', line: [{ time: '2026-11-22T10:27:05.000Z' }] };
    expect(textsOf(draw(block))).toEqual([
      '<!date^1795343225^{date_short_pretty} {time_secs}|2026-11-22 10:27:05 UTC>',
    ]);
    expect(textsOf(renderMessage({ summary: 's', blocks: [block] }, 'plain').blocks)).toEqual([
      '2026-11-22 10:27:05 UTC',
    ]);
  });

  test('shows the end of a long output and counts what stands before it', () => {
    const lines = Array.from({ length: 500 }, (_, at) => `line ${at} \`\`\``);
    const [note = '', fence = ''] = textsOf(draw({ kind: 'output', text: lines.join('\n') }));
    expect(note).toMatch(/^… \d+ more lines before these$/);
    expect(fence).toMatch(/^```\n[^`]*line 499 ˋˋˋ\n```$/);
  });

  test('cuts a long list and says how many lines are missing', () => {
    const texts = textsOf(
      draw({ kind: 'list', lines: Array.from({ length: 900 }, (_, at) => [`entry number ${at} of many`]) }),
    );
    expect(texts.at(-1)).toMatch(/^… \d+ more lines$/);
  });

  test('keeps its buttons, however much else there is to say', () => {
    const much: Block[] = Array.from({ length: 90 }, (_, at) => ({ kind: 'heading', text: `Part ${at}` }));
    const blocks = draw(...much, {
      kind: 'buttons',
      buttons: [{ label: 'Roll back', verb: 'rollback', ref: 'r1' }],
    });
    expect(blocks.map(({ type }) => type).slice(-2)).toEqual(['context', 'actions']);
    expect(textsOf(blocks)).toContain('… 42 more parts of this message are not shown');
  });

  test('puts a button’s verb and reference where the click brings them back', () => {
    const [block] = draw({
      kind: 'buttons',
      buttons: [{ label: 'Approve', verb: 'approve', ref: 'r1:0123456789ab', style: 'primary' }],
    });
    expect(block).toMatchObject({
      type: 'actions',
      elements: [
        {
          action_id: 'stackswap:approve',
          value: 'r1:0123456789ab',
          accessibility_label: 'Approve r1',
          style: 'primary',
        },
      ],
    });
  });

  test('gives changed buttons a new block id', () => {
    const idFor = (ref: string) =>
      draw({ kind: 'buttons', buttons: [{ label: 'Approve', verb: 'approve', ref }] })[0]?.block_id;
    expect(idFor('r1')).not.toBe(idFor('r2'));
  });

  test('draws one table as a table and a second one as lines, since Slack takes only one', () => {
    const table: Block = {
      kind: 'table',
      header: ['Container', 'Health'],
      rows: [['cinder_api', 'healthy']],
    };
    expect(draw(table, table).map(({ type }) => type)).toEqual(['table', 'section']);
    expect(textsOf(draw(table, table)).at(-1)).toBe('• *cinder_api* · Health: healthy');
  });

  test('draws progress as Slack’s plan, and as lines with a mark and a word where it is drawn plainly', () => {
    const tasks: Block = {
      kind: 'tasks',
      title: 'cinder',
      tasks: [
        { id: '0', title: 'Pull', status: 'complete', detail: '3 s' },
        { id: '1', title: 'Swap', status: 'in_progress' },
      ],
    };
    expect(draw(tasks)).toMatchObject([
      {
        type: 'plan',
        title: 'cinder (1 of 2 done)',
        tasks: [{ status: 'complete' }, { status: 'in_progress' }],
      },
    ]);
    expect(textsOf(renderMessage({ summary: 's', blocks: [tasks] }, 'plain').blocks)).toEqual([
      '*cinder (1 of 2 done)*\n✓ Pull · 3 s\n▸ *Swap* · running',
    ]);
  });

  test('sets a list below the line that titles it, numbered entries without a bullet', () => {
    expect(
      textsOf(
        draw({ kind: 'line', line: [{ bold: 'Steps' }] }, { kind: 'list', lines: [['1. Pull'], ['Swap']] }),
      ),
    ).toEqual(['*Steps*\n1. Pull\n• Swap']);
  });

  test('says its summary where there is nothing else', () => {
    expect(renderMessage({ summary: 'Done <now>', blocks: [] }, 'rich')).toMatchObject({
      text: 'Done &lt;now&gt;',
      blocks: [{ type: 'section' }],
    });
  });
});
