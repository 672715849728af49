import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { SimClock } from '../../src/sim/clock.js';

/**
 * `refused`: a clear no. `limited`: 429, come back later. `lost`: no answer, and not taken. `taken`: Slack took it, and
 * no answer came. `broken`: HTTP 503, which may have been taken (here it is not).
 */
export type SlackFault = 'ok' | 'refused' | 'limited' | 'lost' | 'taken' | 'broken';

export type SlackCall = 'post' | 'update' | 'history' | 'replies';

export type SlackSite = { readonly call: SlackCall; readonly nth: number; readonly ts?: string };

/** A message as the channel shows it now; `before` is what it showed earlier, oldest first. */
export type SimMessage = {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  readonly metadata: unknown;
  readonly postedAt: number;
  shown: Shown;
  readonly before: Shown[];
};

export type Shown = { readonly text: string; readonly blocks: readonly unknown[] };

type Wanted = Readonly<Record<string, unknown>>;

/** What Slack says no with for a while; a missing scope would be for ever. */
const REFUSALS: Readonly<Record<SlackCall, string>> = {
  post: 'restricted_action',
  update: 'restricted_action',
  history: 'internal_error',
  replies: 'internal_error',
};

const RETRY_AFTER_SECONDS = 30;
/** Slack's `conversations.history` and `.replies` give at most so many at once. */
const PAGE = 100;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const shownOf = (wanted: Wanted): Shown => ({
  text: text(wanted.text),
  blocks: Array.isArray(wanted.blocks) ? wanted.blocks : [],
});

const seenOf = ({ ts, metadata, shown }: SimMessage) => ({ ts, text: shown.text, metadata });

/** A workspace that keeps messages, in place of Slack's Web API; `fault` is asked before each call. */
export const simSlack = (options: {
  readonly clock: SimClock;
  readonly fault: (site: SlackSite) => SlackFault;
  /** How long a call takes, and one without an answer: milliseconds. */
  readonly callMs: number;
  readonly lostMs: number;
}) => {
  const { clock, fault, callMs, lostMs } = options;
  const messages: SimMessage[] = [];
  let count = 0;

  const nextTs = (): string => {
    const micro = String(messages.length + 1).padStart(6, '0');
    return `${Math.floor(clock.now() / 1000)}.${micro}`;
  };
  const find = (channel: unknown, ts: unknown): SimMessage => {
    const found = messages.find((one) => one.channel === channel && one.ts === ts);
    if (!found) throw new WebAPIPlatformError({ ok: false, error: 'message_not_found' });
    return found;
  };

  const through = async <T>(call: SlackCall, wanted: Wanted, act: () => T): Promise<T> => {
    count += 1;
    const ts = text(wanted.ts);
    const kind = fault({ call, nth: count, ...(ts === '' ? {} : { ts }) });
    await clock.sleep(kind === 'lost' ? lostMs : callMs);
    if (kind === 'limited') throw new WebAPIRateLimitedError(RETRY_AFTER_SECONDS);
    if (kind === 'refused') throw new WebAPIPlatformError({ ok: false, error: REFUSALS[call] });
    if (kind === 'broken') throw new WebAPIHTTPError(503, 'Service Unavailable', {});
    if (kind === 'lost') throw new WebAPIRequestError(new Error('connect ETIMEDOUT'));
    const answer = act();
    if (kind !== 'taken') return answer;
    await clock.sleep(lostMs - callMs);
    throw new WebAPIRequestError(new Error('socket hang up'));
  };

  const postMessage = (wanted: Wanted) =>
    through('post', wanted, () => {
      const message: SimMessage = {
        channel: text(wanted.channel),
        ts: nextTs(),
        thread: typeof wanted.thread_ts === 'string' ? wanted.thread_ts : undefined,
        metadata: structuredClone(wanted.metadata),
        postedAt: clock.now(),
        shown: shownOf(wanted),
        before: [],
      };
      messages.push(message);
      return { ok: true as const, channel: message.channel, ts: message.ts };
    });

  const update = (wanted: Wanted) =>
    through('update', wanted, () => {
      const message = find(wanted.channel, wanted.ts);
      message.before.push(message.shown);
      message.shown = shownOf(wanted);
      return { ok: true as const, channel: message.channel, ts: message.ts };
    });

  const pageOf = (found: readonly SimMessage[]) => ({
    ok: true as const,
    messages: found.slice(0, PAGE).map(seenOf),
  });

  return {
    messages: messages as readonly SimMessage[],
    chat: { postMessage, update },
    conversations: {
      history: (wanted: Wanted) =>
        through('history', wanted, () =>
          pageOf(
            messages
              .filter(({ channel, thread }) => channel === wanted.channel && thread === undefined)
              .toReversed(),
          ),
        ),
      replies: (wanted: Wanted) =>
        through('replies', wanted, () =>
          pageOf(
            messages.filter((one) => one.channel === wanted.channel && (one.thread ?? one.ts) === wanted.ts),
          ),
        ),
    },
  };
};

export type SimSlack = ReturnType<typeof simSlack>;
