import type { z } from 'zod';
import type { App } from './app.js';
import type { Verb } from './authority/authority.js';
import type { Actor } from './run/event.js';

/** A piece of a line. Plain strings are text that is never markup, whoever wrote it. */
export type Span =
  | string
  | { readonly bold: string }
  | { readonly code: string }
  | { readonly person: Actor }
  | { readonly time: string };
export type Line = readonly Span[];

export type Button = {
  readonly label: string;
  /** The verb it stands for; it enters by the same door as the typed command. */
  readonly verb: string;
  /** What the verb is about (a run's id, and a fingerprint where the click binds to one). */
  readonly ref: string;
  /** The run's turn when the button was drawn: a click counts only while the run is still in it. */
  readonly turn?: number;
  readonly style?: 'primary' | 'danger';
  /** Slack's own question before the click counts: at most 300 characters. */
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
};

export type TaskStatus = 'pending' | 'in_progress' | 'complete' | 'error';

/** What an answer is made of; each door draws it its own way. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'list'; readonly lines: readonly Line[] }
  | {
      readonly kind: 'table';
      readonly header: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  /** Text of a container or a tool: shown as it is, never live. */
  | { readonly kind: 'output'; readonly text: string }
  | {
      readonly kind: 'tasks';
      readonly title: string;
      readonly tasks: readonly {
        readonly id: string;
        readonly title: string;
        readonly status: TaskStatus;
        readonly detail?: string;
      }[];
    }
  | { readonly kind: 'small'; readonly line: Line }
  | { readonly kind: 'buttons'; readonly buttons: readonly Button[] }
  | { readonly kind: 'divider' };

export type Reply = {
  /** One plain sentence: the notification, the screen reader's text and the command line's headline. */
  readonly summary: string;
  readonly blocks: readonly Block[];
  /** The run that the answer is about, where it is about one: a door can follow it. */
  readonly run?: string;
  /** Exit code of the command line, where the answer itself is bad news. */
  readonly exit?: 1;
};

/** Who speaks, and the run whose thread it is said in, so that `approve` in a thread needs no id. */
export type Context = {
  readonly actor: Actor;
  readonly threadRun?: string;
  /** A button was clicked: its words must name the turn in which it was drawn. */
  readonly clicked?: true;
};

export type Command<Args = unknown> = {
  readonly name: string;
  readonly summary: string;
  /** Behind the verb, as in `<service> [to <release|tag>]`. */
  readonly usage: string;
  readonly example: string;
  /** What whoever says it must be allowed; asked before `run`. */
  readonly verb: Verb;
  /** Names of the words in order; the last one may be optional in `args`. */
  readonly positionals: readonly string[];
  /** Words that take the next word as their value, written `to x` or `--to x`. */
  readonly options: readonly string[];
  readonly args: z.ZodType<Args>;
  readonly run: (app: App, args: Args, context: Context) => Promise<Reply>;
};

/**
 * Puts authority in front of `run`, so that no door can forget it: what `run` is handed is who was let in. Keeps the
 * type of `args` for `run`, and hides it from those who hold a list of commands.
 */
export const defineCommand = <Args>(command: Command<Args>): Command =>
  ({
    ...command,
    run: async (app: App, args: Args, context: Context) =>
      command.run(app, args, { ...context, actor: await app.admit(context.actor, command.verb) }),
  }) as unknown as Command;
