import { expect, test } from 'vitest';
import type { Reply } from '../../src/command.js';
import { renderMessage } from '../../src/render/message.js';
import { blockProblems } from './block-kit.js';
import { directClient } from './direct-client.js';
import { strictSlack } from './strict-slack.js';

const section = (...texts: readonly string[]) => ({
  type: 'rich_text_section',
  elements: texts.map((text) => ({ type: 'text', text })),
});
const richText = (...elements: readonly unknown[]) => ({ type: 'rich_text', elements });
const planWith = (more: Record<string, unknown>) => [
  {
    type: 'plan',
    title: 'Cinder',
    tasks: [{ type: 'task_card', task_id: '1', title: 'Swap', status: 'pending', ...more }],
  },
];

test.each([
  ['nothing in its details', { details: richText() }, 'elements of a task’s details: 0'],
  [
    'two sections in its details',
    { details: richText(section('a'), section('b')) },
    'elements of a task’s details: 2',
  ],
  ['an empty text in its details', { details: richText(section('')) }, 'a task’s details is empty'],
  ['a section without elements', { details: richText(section()) }, 'a section of a task’s details: 0'],
  ['half a character', { details: richText(section('\ud800')) }, 'half a surrogate pair'],
  ['a text beyond every limit', { output: richText(section('x'.repeat(3_001))) }, 'more than 3000'],
  ['a plain text as its output', { output: 'done' }, 'a task’s output is undefined'],
  ['a list as its output', { output: richText({ type: 'rich_text_list' }) }, 'output holds rich_text_list'],
  [
    'a link in its details',
    { details: richText({ ...section(), elements: [{ type: 'link', url: 'x' }] }) },
    'an element of a task’s details is link',
  ],
  ['a field that is no task’s', { detail: 'on ctl1' }, 'a task has detail'],
])('the double refuses a task card with %s', (_what, more, why) => {
  expect(blockProblems(planWith(more)).join('; ')).toContain(why);
});

test('the double takes a task card with details and output of one section each', () => {
  const more = { details: richText(section('on ctl1', ' since 10:00')), output: richText(section('done')) };
  expect(blockProblems(planWith(more))).toEqual([]);
});

test.each(['rich_text', 'markdown', 'data_table', 'alert', 'input', 'image'])(
  'the double takes no %s block, which Stackswap never sends, and tells of it also where Slack is old',
  async (type) => {
    for (const rich of [true, false]) {
      const slack = strictSlack({ rich });
      const { chat } = directClient(slack.fetch);
      await expect(chat.postMessage({ channel: 'C0OPS', text: 'x', blocks: [{ type }] })).rejects.toThrow(
        'invalid_blocks',
      );
      expect(slack.refusals).toEqual([`invalid_blocks: a block is ${type}`]);
    }
  },
);

test('an older Slack refuses the newer blocks, and that is no fault of the message', async () => {
  const tasks: Reply = {
    summary: 'Cinder',
    blocks: [{ kind: 'tasks', title: 'Cinder', tasks: [{ id: '1', title: 'Swap', status: 'pending' }] }],
  };
  const slack = strictSlack({ rich: false });
  const { chat } = directClient(slack.fetch);
  await expect(chat.postMessage({ channel: 'C0OPS', ...renderMessage(tasks, 'rich') })).rejects.toThrow(
    'invalid_blocks',
  );
  expect(slack.refusals).toEqual([]);
});
