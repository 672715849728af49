import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { personOf } from '../authority/people.js';
import type { Command, Reply } from '../command.js';
import { Refusal, type RefusalCode } from '../errors.js';
import { parseCommand } from '../parse.js';
import { bugReply, refusalReply } from '../render/refusal.js';
import type { Actor } from '../run/event.js';
import type { Inbound } from './inbound.js';

export type Answer = {
  readonly kind: 'done' | 'refused' | 'bug';
  /** Absent where the words named no verb of ours. */
  readonly command?: Command;
  /** Why it was refused. */
  readonly code?: RefusalCode;
  readonly reply: Reply;
};

export const refused = (refusal: Refusal, command?: Command): Answer => ({
  kind: 'refused',
  code: refusal.code,
  ...(command ? { command } : {}),
  reply: refusalReply(refusal),
});

export type DispatchOptions = {
  readonly app: App;
  readonly commands: readonly Command[];
  /** Throws a Refusal for a place in which nothing is said or done. */
  readonly requirePlace: (inbound: Inbound) => Promise<void>;
  /** The run that a thread belongs to. */
  readonly runOfThread: (channel: string, thread: string) => string | undefined;
  readonly log: Logger;
};

/** The person behind a request: the id is the envelope's, the name the people list's where they are in it. */
export const actorOf = (app: App, { user, userName, teams }: Inbound): Actor => {
  const [team] = teams;
  const actor: Actor = { id: user, name: userName ?? user, door: 'slack', ...(team ? { team } : {}) };
  return { ...actor, name: personOf(app.config, actor)?.name ?? actor.name };
};

/**
 * Typed words and clicks alike: place, person, words, and only then what they ask for (which asks for the person's right
 * to that verb). Asking about place and person may last; `requireFresh` throws where it lasted too long. Whatever is
 * thrown is turned into an answer. Never throws.
 */
export const dispatcher =
  ({ app, commands, requirePlace, runOfThread, log }: DispatchOptions) =>
  async (inbound: Inbound, requireFresh: () => void = () => undefined): Promise<Answer> => {
    let command: Command | undefined;
    try {
      await requirePlace(inbound);
      const actor = actorOf(app, inbound);
      // Words are not even read of somebody who may not look.
      await app.admit(actor, 'look');
      const parsed = parseCommand(inbound.text, commands);
      command = parsed.command;
      const threadRun =
        inbound.thread === undefined ? undefined : runOfThread(inbound.channel, inbound.thread);
      const context = {
        actor,
        ...(threadRun === undefined ? {} : { threadRun }),
        ...(inbound.kind === 'button' ? { clicked: true as const } : {}),
      };
      requireFresh();
      return { kind: 'done', command, reply: await command.run(app, parsed.args, context) };
    } catch (error) {
      if (error instanceof Refusal) return refused(error, command);
      const bug = randomBytes(4).toString('hex');
      log.error(
        { bug, err: error, door: inbound.kind, user: inbound.user, text: inbound.text },
        'a request failed by a fault of ours',
      );
      return { kind: 'bug', ...(command ? { command } : {}), reply: bugReply(bug) };
    }
  };
