import type { App } from '../app.js';
import type { Command, Reply } from '../command.js';
import { parseWords } from '../parse.js';
import { redacted } from '../render/redacted.js';
import { renderText } from '../render/text.js';
import type { Actor } from '../run/event.js';
import { planView } from '../views/plan.js';
import { plain } from '../views/words.js';
import { actorOf } from './actor.js';
import { type Flags, takeFlags } from './flags.js';
import { follow, GOALS, MOVING } from './follow.js';
import { errorText, type Redact, spoken } from './spoken.js';

export type Request = { readonly words: readonly string[]; readonly login: string };

export type Session = {
  readonly app: App;
  readonly commands: readonly Command[];
  readonly request: Request;
  readonly say: (text: string) => void;
  readonly redact: Redact;
  readonly left: AbortSignal;
  /** Whether the work itself is done by this process, so that it has to stay until the work ends. */
  readonly alone: boolean;
};

/** A terminal shows the summary as its headline; a first line that says the same is left out. */
const textOf = (reply: Reply, redact: Redact): string => {
  const [first, ...rest] = reply.blocks;
  const echo =
    first?.kind === 'line'
      ? plain(first.line) === reply.summary
      : first?.kind === 'heading' && `${first.text}.` === reply.summary;
  return renderText(redacted(echo ? { ...reply, blocks: rest } : reply, redact));
};

/** Shown before anybody can agree to it; an answer that is about no run is shown as it is. */
const showFirst = ({ app, say, redact }: Session, verb: string, reply: Reply): void => {
  if (verb === 'upgrade' && reply.run !== undefined) say(textOf(planView(app.run(reply.run)), redact));
  else say(textOf(reply, redact));
};

const startAtOnce = async (
  { app, say }: Session,
  actor: Actor,
  about: { run: string; reason: string },
): Promise<void> => {
  await app.breakGlass(actor, about.run, about.reason);
  say(`Started without approvals. The journal holds who and why: ${actor.name}, “${about.reason}”.`);
};

const wait = async (session: Session, verb: string, run: string): Promise<number> => {
  const { app, alone, say, left } = session;
  const goal = GOALS[verb] ?? (alone && MOVING.includes(app.run(run).phase) ? GOALS.resume : undefined);
  if (!goal) return 0;
  if (app.run(run).phase === 'proposed')
    say(
      `Waiting for approvals. Other people: stackswap approve ${run}${alone ? '' : ', or the Approve button in Slack'}. Ctrl-C stops the waiting, not the run.`,
    );
  return follow({ app, run, goal, say, left });
};

const NOBODY_STARTS_IT =
  'No bot runs here. The request is kept; the command line whose approval is the last one needed does the work.';

const perform = async (session: Session, flags: Flags): Promise<number> => {
  const { app, commands, request } = session;
  const { command, args } = parseWords(flags.words, commands);
  const actor = actorOf(app.config, request.login);
  // A request whose glass may not be broken is not left behind.
  if (flags.breakGlass !== undefined) await app.admit(actor, 'break-glass');
  const reply = await command.run(app, args, { actor });
  showFirst(session, command.name, reply);
  if (reply.run === undefined) return reply.exit ?? 0;
  if (flags.breakGlass !== undefined)
    await startAtOnce(session, actor, { run: reply.run, reason: flags.breakGlass });
  if (flags.wait) return wait(session, command.name, reply.run);
  if (session.alone && app.run(reply.run).phase === 'proposed') session.say(NOBODY_STARTS_IT);
  return 0;
};

/** One command line from its words to its exit code; throws nothing. */
export const runSession = async (asked: Session): Promise<number> => {
  const session = { ...asked, say: (text: string) => asked.say(spoken(text, asked.redact)) };
  try {
    return await perform(session, takeFlags(session.request.words));
  } catch (error) {
    session.say(errorText(error));
    return 1;
  }
};
