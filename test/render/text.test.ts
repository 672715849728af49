import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/command.js';
import { redacted } from '../../src/render/redacted.js';
import { renderText } from '../../src/render/text.js';

const reply = (...blocks: Reply['blocks']): Reply => ({ summary: 'cinder is upgraded.', blocks });

describe('a reply in a terminal', () => {
  test('sets tables in columns as wide as their cells', () => {
    expect(
      renderText(
        reply({
          kind: 'table',
          header: ['Container', 'Health'],
          rows: [
            ['cinder_api', 'healthy'],
            ['x', 'ill'],
          ],
        }),
      ),
    ).toBe('cinder is upgraded.\n\nContainer   Health\ncinder_api  healthy\nx           ill\n');
  });

  test('wraps long lines at the width, below their own beginning', () => {
    expect(
      renderText(reply({ kind: 'list', lines: [['one two three four five six seven']] }), { width: 20 }),
    ).toBe('cinder is upgraded.\n\n  - one two three\n  four five six\n  seven\n');
  });

  test('lets nothing that a container wrote move the cursor', () => {
    expect(renderText(reply({ kind: 'output', text: 'a\u001b[2Jb\rc\u0008\nd' }))).toBe(
      'cinder is upgraded.\n\n  | ab\n  | c\n  | d\n',
    );
  });

  test('says buttons as the commands that they stand for', () => {
    expect(
      renderText(
        reply({ kind: 'buttons', buttons: [{ label: 'Approve', verb: 'approve', ref: 'r1:0123456789ab' }] }),
      ),
    ).toContain('Approve: stackswap approve r1');
  });

  test('shows progress with a mark and a word', () => {
    const text = renderText(
      reply({
        kind: 'tasks',
        title: 'cinder',
        tasks: [
          { id: '0', title: 'Pull', status: 'complete' },
          { id: '1', title: 'Swap', status: 'error', detail: 'ill' },
        ],
      }),
    );
    expect(text).toContain('cinder (1 of 2 done)\n  ✓ Pull\n  ✗ Swap · failed · ill\n');
  });

  test('is without any escape sequence unless colour is asked for', () => {
    const blocks: Reply['blocks'] = [
      { kind: 'heading', text: 'Plan' },
      { kind: 'small', line: ['small', { time: '2026-11-22T10:27:05.000Z' }] },
    ];
    expect(renderText({ summary: 's', blocks })).not.toContain('\u001b');
    expect(renderText({ summary: 's', blocks }, { color: true })).toContain('\u001b[1mPlan');
    expect(renderText({ summary: 's', blocks })).toContain('2026-11-22 10:27:05 UTC');
  });
});

describe('a redacted reply', () => {
  const everywhere: Reply = {
    summary: 'hunter2',
    blocks: [
      { kind: 'heading', text: 'hunter2' },
      { kind: 'line', line: ['hunter2', { bold: 'hunter2' }, { code: 'hunter2' }] },
      { kind: 'small', line: ['hunter2'] },
      { kind: 'list', lines: [['hunter2']] },
      { kind: 'table', header: ['hunter2'], rows: [['hunter2']] },
      { kind: 'output', text: 'hunter2' },
      {
        kind: 'tasks',
        title: 'hunter2',
        tasks: [{ id: '0', title: 'hunter2', status: 'error', detail: 'hunter2' }],
      },
      {
        kind: 'buttons',
        buttons: [
          {
            label: 'hunter2',
            verb: 'approve',
            ref: 'r1',
            confirm: { title: 'hunter2', text: 'hunter2', yes: 'hunter2' },
          },
        ],
      },
      { kind: 'divider' },
    ],
  };

  test('holds a secret nowhere, whichever block it stood in', () => {
    expect(
      JSON.stringify(redacted(everywhere, (text) => text.replaceAll('hunter2', '[redacted]'))),
    ).not.toContain('hunter2');
  });

  test('keeps what a button refers to', () => {
    expect(JSON.stringify(redacted(everywhere, () => 'X'))).toContain('"ref":"r1"');
  });
});
