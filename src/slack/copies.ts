import type { Logger } from 'pino';
import type { Reply } from '../command.js';
import type { Clock } from '../probes/clock.js';
import { renderMessage } from '../render/message.js';
import { redacted } from '../render/redacted.js';
import type { Budget } from './budget.js';
import { type Place, type SlackPosts, update } from './delivery.js';
import type { DrawingChoice } from './drawing.js';
import type { Pace } from './keeper.js';
import { remember } from './once.js';

export type CopiesOptions = {
  readonly client: SlackPosts;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  readonly drawing: DrawingChoice;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly pace: Pick<Pace, 'updateMs' | 'retryMostMs'>;
};

/** Milliseconds for which a copy that was dealt with is not dealt with again. */
const ONCE_MS = 3_600_000;
/** Copies of one run that wait at once; another one has to be clicked again. */
const MOST_WAITING = 20;

/** What stands in place of a copy that nobody follows. */
export const copyView = (run: string): Reply => {
  const summary = `This copy of a message of run ${run} is out of date: it was sent more than once. The run’s thread goes on in the other one.`;
  return { summary, blocks: [{ kind: 'line', line: [summary] }] };
};

/**
 * Copies of a run's messages that the run does not know of: the answer to a post was lost, it could not be looked for,
 * and so it was posted again. One that somebody clicked loses its buttons. Slack lets us change only messages of ours.
 */
export const copies = ({ client, log, redact, drawing, clock, budget, pace }: CopiesOptions) => {
  const first = remember({ ttlMs: ONCE_MS, now: clock.now });
  const waiting = new Map<string, readonly Place[]>();
  let notBefore = 0;

  /** Whether it is dealt with. */
  const retire = async (run: string, place: Place): Promise<boolean> => {
    const outcome = await update(
      client,
      place,
      renderMessage(redacted(copyView(run), redact), drawing.current()),
    );
    budget.book(outcome);
    if (outcome.kind === 'sent') return true;
    if (outcome.kind === 'limited') budget.pause('update', outcome.ms);
    if (outcome.kind === 'unknown') notBefore = clock.now() + pace.retryMostMs;
    log.warn({ run, ...place, outcome }, 'a copy of a message could not be put out of use');
    return outcome.kind !== 'limited' && outcome.kind !== 'unknown';
  };

  const due = (): number => Math.max(notBefore, budget.roomAt('update'), clock.now());

  return {
    /** Somebody clicked a message that the run does not know of. True where there is something to do about it. */
    clicked: (run: string, place: Place): boolean => {
      const others = waiting.get(run) ?? [];
      if (others.length >= MOST_WAITING || !first(`${place.channel}/${place.ts}`)) return false;
      waiting.set(run, [...others, place]);
      return true;
    },
    /** Puts one copy out of use, unless the run has learned of it meanwhile. Returns when to look again, or 0. */
    tend: async (run: string, isKnown: (ts: string) => boolean): Promise<number> => {
      const drop = (gone: (place: Place) => boolean): readonly Place[] => {
        const left = (waiting.get(run) ?? []).filter((place) => !gone(place));
        if (left.length > 0) waiting.set(run, left);
        else waiting.delete(run);
        return left;
      };
      const [next] = drop(({ ts }) => isKnown(ts));
      if (!next) return 0;
      if (due() > clock.now()) return due();
      notBefore = clock.now() + pace.updateMs;
      const done = await retire(run, next);
      return drop((place) => done && place === next).length > 0 ? due() : 0;
    },
  };
};
