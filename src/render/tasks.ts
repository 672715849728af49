import type { PlanBlock, RichTextBlock, TaskCardBlock } from '@slack/types';
import type { Block, Line, TaskStatus } from '../command.js';
import { cleanLine, cut } from './clean.js';
import { LIMITS } from './limits.js';

export type Tasks = Extract<Block, { kind: 'tasks' }>;
type Task = Tasks['tasks'][number];

/** A mark and a word: a mark alone would be lost on a screen reader. */
export const TASK_MARKS: Record<TaskStatus, { readonly mark: string; readonly word: string }> = {
  pending: { mark: '○', word: '' },
  in_progress: { mark: '▸', word: 'running' },
  complete: { mark: '✓', word: 'done' },
  error: { mark: '✗', word: 'failed' },
};

const doneOf = (tasks: readonly Task[]): number => tasks.filter((task) => task.status === 'complete').length;

/** `Swap cinder_api (3 of 9 done)`. */
export const tasksTitle = ({ title, tasks }: Tasks): string =>
  `${cleanLine(title)} (${doneOf(tasks)} of ${tasks.length} done)`;

const taskLine = (task: Task): Line => {
  const { mark, word } = TASK_MARKS[task.status];
  const title = task.status === 'in_progress' || task.status === 'error' ? { bold: task.title } : task.title;
  return [
    `${mark} `,
    title,
    word === '' || word === 'done' ? '' : ` · ${word}`,
    task.detail ? ` · ${task.detail}` : '',
  ];
};

/** At most `max` tasks: those done first are folded into one line, then the end is cut. */
export const windowOf = (
  tasks: readonly Task[],
  max: number,
): { folded: number; shown: readonly Task[]; more: number } => {
  if (tasks.length <= max) return { folded: 0, shown: tasks, more: 0 };
  const firstOpen = tasks.findIndex((task) => task.status !== 'complete');
  const leading = firstOpen < 0 ? tasks.length : firstOpen;
  const folded = Math.max(0, Math.min(leading - 2, tasks.length - max));
  return { folded, shown: tasks.slice(folded, folded + max), more: Math.max(0, tasks.length - folded - max) };
};

/** The tasks as lines of text, for Slack's plain drawing and for a terminal. */
export const taskLines = (block: Tasks, max: number): readonly Line[] => {
  const { folded, shown, more } = windowOf(block.tasks, max);
  return [
    ...(folded > 0 ? [[`✓ ${folded} earlier steps done`]] : []),
    ...shown.map(taskLine),
    ...(more > 0 ? [[`… ${more} more steps`]] : []),
  ];
};

const richText = (text: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});

const taskCard = (task: Task, index: number): TaskCardBlock => {
  const detail = cut(cleanLine(task.detail ?? ''), 1_000);
  return {
    type: 'task_card',
    task_id: cut(`${index}-${cleanLine(task.id)}`, LIMITS.id),
    title: cut(cleanLine(task.title) || '–', LIMITS.header),
    status: task.status,
    ...(detail === '' ? {} : { details: richText(detail) }),
  };
};

/** Slack's own progress block. */
export const planBlock = (block: Tasks): PlanBlock => {
  const { folded, shown, more } = windowOf(block.tasks, LIMITS.tasks);
  const rest = [
    folded > 0 ? `${folded} earlier steps done` : '',
    more > 0 ? `${more} more steps` : '',
  ].filter(Boolean);
  return {
    type: 'plan',
    title: cut([tasksTitle(block), ...rest].join(' · '), LIMITS.header),
    tasks: shown.map(taskCard),
  };
};
