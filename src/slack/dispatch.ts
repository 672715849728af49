import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import type { Command, Reply } from '../command.js';
import { Refusal } from '../errors.js';
import { parseCommand } from '../parse.js';
import { bugReply, refusalReply } from '../render/refusal.js';
import type { Actor } from '../run/event.js';
import type { Inbound } from './inbound.js';

export type Answer = {
  readonly kind: 'done' | 'refused' | 'bug';
  /** Absent where the words named no verb of ours. */
  readonly command?: Command;
  readonly reply: Reply;
};

export type DispatchOptions = {
  readonly app: App;
  readonly commands: readonly Command[];
  /** The run that a thread belongs to. */
  readonly runOfThread: (channel: string, thread: string) => string | undefined;
  readonly log: Logger;
};

/** The person behind a request: the id is the envelope's, the name the people list's where they are in it. */
export const actorOf = (app: App, { user, userName }: Inbound): Actor => ({
  id: user,
  name: app.config.people.find((person) => person.slack === user)?.name ?? userName ?? user,
  door: 'slack',
});

/** Typed words and clicks alike: parse, run, and turn whatever is thrown into an answer. Never throws. */
export const dispatcher =
  ({ app, commands, runOfThread, log }: DispatchOptions) =>
  async (inbound: Inbound): Promise<Answer> => {
    let command: Command | undefined;
    try {
      const parsed = parseCommand(inbound.text, commands);
      command = parsed.command;
      const threadRun =
        inbound.thread === undefined ? undefined : runOfThread(inbound.channel, inbound.thread);
      const context = {
        actor: actorOf(app, inbound),
        ...(threadRun === undefined ? {} : { threadRun }),
        ...(inbound.kind === 'button' ? { clicked: true as const } : {}),
      };
      return { kind: 'done', command, reply: await command.run(app, parsed.args, context) };
    } catch (error) {
      const known = command ? { command } : {};
      if (error instanceof Refusal) return { kind: 'refused', ...known, reply: refusalReply(error) };
      const bug = randomBytes(4).toString('hex');
      log.error(
        { bug, err: error, door: inbound.kind, user: inbound.user, text: inbound.text },
        'a request failed by a fault of ours',
      );
      return { kind: 'bug', ...known, reply: bugReply(bug) };
    }
  };
