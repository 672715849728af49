import type { Block, Button, Line, Reply, Span } from '../command.js';

type Redact = (text: string) => string;

const span = (part: Span, redact: Redact): Span => {
  if (typeof part === 'string') return redact(part);
  if ('bold' in part) return { bold: redact(part.bold) };
  return 'code' in part ? { code: redact(part.code) } : part;
};

const line = (parts: Line, redact: Redact): Line => parts.map((part) => span(part, redact));

const button = (one: Button, redact: Redact): Button => ({
  ...one,
  label: redact(one.label),
  ...(one.confirm
    ? {
        confirm: {
          title: redact(one.confirm.title),
          text: redact(one.confirm.text),
          yes: redact(one.confirm.yes),
        },
      }
    : {}),
});

const block = (one: Block, redact: Redact): Block => {
  switch (one.kind) {
    case 'heading':
    case 'output':
      return { ...one, text: redact(one.text) };
    case 'line':
    case 'small':
      return { ...one, line: line(one.line, redact) };
    case 'list':
      return { ...one, lines: one.lines.map((parts) => line(parts, redact)) };
    case 'table':
      return { ...one, header: one.header.map(redact), rows: one.rows.map((row) => row.map(redact)) };
    case 'tasks':
      return {
        ...one,
        title: redact(one.title),
        tasks: one.tasks.map((task) => ({
          ...task,
          title: redact(task.title),
          ...(task.detail === undefined ? {} : { detail: redact(task.detail) }),
        })),
      };
    case 'buttons':
      return { ...one, buttons: one.buttons.map((each) => button(each, redact)) };
    case 'divider':
      return one;
  }
};

/** A reply in which every text went through the redactor; what a button refers to keeps its spelling. */
export const redacted = (reply: Reply, redact: Redact): Reply => ({
  summary: redact(reply.summary),
  blocks: reply.blocks.map((one) => block(one, redact)),
});
