import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf } from '../errors.js';
import type { Clock } from '../probes/clock.js';
import { renderMessage } from '../render/message.js';
import { redacted } from '../render/redacted.js';
import type { Run } from '../run/run.js';
import type { Budget } from './budget.js';
import { type Outcome, type Place, post, type SlackPosts, update } from './delivery.js';
import type { DrawingChoice } from './drawing.js';
import { type Own, UNASKED } from './own.js';
import { type Found, find } from './search.js';
import type { Slot } from './slots.js';

export type Pace = {
  /** Least milliseconds between two updates of one message: all runs of a workspace share about 50 a minute. */
  readonly updateMs: number;
  /** Milliseconds before a failed call is tried again; doubled each time, up to `retryMostMs`. */
  readonly retryMs: number;
  readonly retryMostMs: number;
  /** Events that come within so many milliseconds are told at once; 0: each at once. */
  readonly gatherMs?: number;
  /** Most updates in a minute over all messages; Slack's tier 3 ends at about 50. */
  readonly updatesPerMinute: number;
};

export type KeeperOptions = {
  readonly app: App;
  readonly client: SlackPosts;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  readonly drawing: DrawingChoice;
  readonly pace: Pace;
  readonly budget: Budget;
  readonly clock: Clock;
  /** Who we are in Slack, and who reads the channel, as far as Slack has said; absent: all is ours, and only we read. */
  readonly own?: Own;
};

/** What is known about one message beside the journal. `place: null` says that it is gone from Slack. */
type Note = { hash?: string; place?: Place | null; notBefore: number; failures: number; uncertain: boolean };

const hashOf = (value: unknown): string => hash('sha256', JSON.stringify(value));

/** Keeps single messages equal to what they should say; each call of `tend` makes at most one step. */
export const keeper = ({
  app,
  client,
  log,
  redact,
  drawing,
  pace,
  budget,
  clock,
  own = UNASKED,
}: KeeperOptions) => {
  const notes = new Map<string, Note>();
  let hurried = false;

  const noteOf = (run: Run, slot: string): Note => {
    const key = `${run.id}/${slot}`;
    const note = notes.get(key) ?? { notBefore: 0, failures: 0, uncertain: false };
    notes.set(key, note);
    return note;
  };

  const placeOf = (run: Run, slot: string): Place | undefined => {
    const { place } = noteOf(run, slot);
    return place === undefined ? run.messages[slot] : (place ?? undefined);
  };

  /** Also those whose place could not be journaled. */
  const notedOf = ({ id }: Run): readonly string[] =>
    [...notes.keys()].flatMap((key) => (key.startsWith(`${id}/`) ? [key.slice(id.length + 1)] : []));

  const stands = async (run: Run, slot: string, place: Place): Promise<void> => {
    Object.assign(noteOf(run, slot), { place, uncertain: false });
    await app
      .posted(run.id, slot, place)
      .catch((error: unknown) =>
        log.error(
          { run: run.id, slot, why: messageOf(error) },
          'where a message stands could not be journaled',
        ),
      );
  };

  const fail = (note: Note): void => {
    note.failures += 1;
    note.notBefore = clock.now() + Math.min(pace.retryMs * 2 ** (note.failures - 1), pace.retryMostMs);
  };

  /** Books what did not work, so that the next look does the right thing. */
  const bookFailure = (
    note: Note,
    outcome: Exclude<Outcome, { kind: 'sent' }>,
    method: 'post' | 'update',
  ): string => {
    if (outcome.kind === 'limited') {
      budget.pause(method, outcome.ms);
      return 'Slack asks to wait';
    }
    if (outcome.kind === 'blocks' && drawing.refused())
      return 'Slack refuses the newer blocks; from now on messages are drawn plainly';
    fail(note);
    if (outcome.kind === 'gone') {
      note.place = null;
      return 'a message is gone from Slack and is posted anew';
    }
    note.uncertain ||= outcome.kind === 'unknown' && method === 'post';
    // Slack may have taken it: what stands there is not what was sent before.
    if (outcome.kind === 'unknown') delete note.hash;
    return 'a message could not be sent to Slack and will be tried again';
  };

  const outgoingOf = (run: Run, slot: Slot) => {
    const root = placeOf(run, 'root');
    return {
      message: renderMessage(redacted(slot.reply(), redact), drawing.current()),
      channel: slot.channel ?? root?.channel ?? app.config.channel,
      mark: { run: run.id, slot: slot.name },
      ...(slot.name === 'root' || slot.channel !== undefined || !root ? {} : { thread: root.ts }),
    };
  };

  /** Whether a lost post arrived is not known yet, and it is not repeated before that. */
  const waitToFind = (
    note: Note,
    { why, ms = 0 }: { readonly why: string; readonly ms?: number },
  ): number => {
    fail(note);
    note.notBefore = Math.max(note.notBefore, clock.now() + ms);
    log.warn({ why }, 'whether a message reached Slack could not be looked up and will be tried again');
    return note.notBefore;
  };

  /** Whether a lost post arrived. */
  const look = async (outgoing: ReturnType<typeof outgoingOf>, since: string): Promise<Found> => {
    const isOurs = own.posted();
    return isOurs
      ? find(client, { ...outgoing, since, isOurs })
      : { kind: 'unknown', why: 'Slack does not tell who the bot is' };
  };

  /** A new message is not shown to outsiders. */
  const holdBack = async (note: Note): Promise<boolean> => {
    const why = await own.outsiders();
    if (why === undefined) return false;
    fail(note);
    if (note.failures === 1)
      log.error(`New messages are held back: ${why}. The command line shows the runs.`);
    return true;
  };

  const send = async (run: Run, slot: Slot, outgoing: ReturnType<typeof outgoingOf>): Promise<number> => {
    const note = noteOf(run, slot.name);
    const place = placeOf(run, slot.name);
    if (!place && note.uncertain) {
      const found = await look(outgoing, run.requestedAt);
      if (found.kind === 'there') await stands(run, slot.name, found.place);
      if (found.kind === 'there') return clock.now();
      if (found.kind === 'unknown') return waitToFind(note, found);
      note.uncertain = false;
      if (slot.late) return 0;
    }
    if (!place && slot.channel === undefined && (await holdBack(note))) return note.notBefore;
    const outcome = place ? await update(client, place, outgoing.message) : await post(client, outgoing);
    const method = place ? 'update' : 'post';
    if (place) budget.book(outcome);
    if (outcome.kind === 'sent') {
      Object.assign(note, {
        hash: hashOf(outgoing.message),
        failures: 0,
        notBefore: clock.now() + pace.updateMs,
      });
      if (!place) await stands(run, slot.name, outcome.place);
      return 0;
    }
    log.warn({ run: run.id, slot: slot.name, method, ...outcome }, bookFailure(note, outcome, method));
    return Math.max(note.notBefore, outcome.kind === 'limited' ? budget.roomAt(method) : 0, clock.now());
  };

  return {
    placeOf,
    /** Whose message stands there; `undefined` where the run knows of none. */
    slotAt: (run: Run, ts: string): string | undefined =>
      [...Object.keys(run.messages), ...notedOf(run)].find((slot) => placeOf(run, slot)?.ts === ts),
    /** Sends a message if it differs from what Slack has. Returns when to look again, or 0. */
    tend: async (run: Run, slot: Slot): Promise<number> => {
      const note = noteOf(run, slot.name);
      const place = placeOf(run, slot.name);
      if (slot.late && !place && !note.uncertain) return 0;
      const due = Math.max(hurried ? 0 : note.notBefore, budget.roomAt(place ? 'update' : 'post'));
      // Nothing is drawn before it may be sent: a run journals many events between two updates.
      if (due > clock.now()) return due;
      const outgoing = outgoingOf(run, slot);
      if (place && note.hash === hashOf(outgoing.message)) return 0;
      return send(run, slot, outgoing);
    },
    /** The message may already stand in Slack without the journal knowing: a process died in between. */
    doubt: (run: Run, slot: string): void => {
      if (!run.messages[slot]) noteOf(run, slot).uncertain = true;
    },
    /** Whether a message stands in Slack, or may stand there, that the journal does not know. */
    inDoubt: (run: Run): boolean =>
      notedOf(run).some((slot) => {
        const { uncertain, place } = noteOf(run, slot);
        return uncertain || (place && run.messages[slot] === undefined);
      }),
    /** Slack's copy is taken for wrong, and is sent again. */
    distrust: (run: Run, slot: string): void => {
      delete noteOf(run, slot).hash;
    },
    /** From now on no message waits for its turn. */
    hurry: (): void => {
      hurried = true;
    },
  };
};
