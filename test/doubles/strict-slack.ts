import { type Clock, realClock } from '../../src/probes/clock.js';
import type { SlackFetch } from '../../src/slack/clients.js';
import { blockProblems, TOO_NEW } from './block-kit.js';
import { metadataProblem, pageOf } from './slack-pages.js';
import { rateTiers } from './tiers.js';

export type Posted = {
  readonly ts: string;
  readonly channel: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly thread_ts?: string;
  readonly text: string;
  readonly blocks?: readonly Record<string, unknown>[];
  readonly metadata?: unknown;
  /** Set for an ephemeral message: who sees it. */
  readonly to?: string;
  readonly updates: number;
  /** When it last changed: milliseconds since 1970. */
  readonly at: number;
};

export type Call = {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly at: number;
};

/** `lost`: the call takes effect, and its answer does not arrive. `hang`: nobody answers until the caller gives up. */
export type Fault =
  | { readonly limited: number }
  | 'http-500'
  | 'reset'
  | 'lost'
  | 'hang'
  | { readonly error: string };

/** Milliseconds after which the bot's client gives a call up (src/slack/clients.ts). */
const GIVEN_UP_MS = 10_000;

export type Weather = (method: string, args: Readonly<Record<string, unknown>>) => Fault | undefined;

type Answer = Record<string, unknown> & { ok: boolean };

const no = (error: string): Answer => ({ ok: false, error });

const parseArgs = (body: unknown): Record<string, unknown> => {
  const args: Record<string, unknown> = Object.fromEntries(
    new URLSearchParams(typeof body === 'string' ? body : ''),
  );
  for (const name of ['blocks', 'metadata'])
    if (typeof args[name] === 'string') args[name] = JSON.parse(args[name]);
  return args;
};

const respond = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });

export type StrictOptions = {
  readonly channel?: string;
  /** Whether this Slack knows the newer blocks. */
  readonly rich?: boolean;
  readonly botInChannel?: boolean;
  /** Whether the bot may read the channel's history. */
  readonly history?: boolean;
  /** How long a call takes: milliseconds. */
  readonly latencyMs?: number;
  readonly clock?: Clock;
  /** Whether Slack's rate limits hold; tests whose time is real leave them out. */
  readonly tiers?: boolean;
};

/**
 * Slack's Web API as a fetch function: it takes only what Slack takes, keeps what it took, and fails when told. What
 * it refused is in `refusals`, so that a test can say that there was none.
 */
export const strictSlack = ({
  channel = 'C0OPS',
  rich = true,
  botInChannel = true,
  history = true,
  latencyMs = 0,
  clock = realClock,
  tiers = false,
}: StrictOptions = {}) => {
  const messages = new Map<string, Posted>();
  const calls: Call[] = [];
  const refusals: string[] = [];
  const faults = new Map<string, Fault[]>();
  const responses: Record<string, unknown>[] = [];
  const limits = rateTiers(clock.now);
  let limited = 0;
  const answers = new Map<string, (args: Record<string, unknown>) => Answer>();
  let weather: Weather = () => undefined;
  let micros = 0;

  const refuse = (error: string, why: string): Answer => {
    refusals.push(`${error}: ${why}`);
    return no(error);
  };

  /** What is wrong with a message, as Slack's error; `undefined` when nothing is. */
  const judge = (args: Record<string, unknown>, { mostText }: { mostText: number }): Answer | undefined => {
    if (args.channel !== channel) return refuse('channel_not_found', String(args.channel));
    if (!botInChannel) return no('not_in_channel');
    if (typeof args.text !== 'string' || args.text === '') return refuse('no_text', 'the text is missing');
    if (args.text.length > mostText) return refuse('msg_too_long', `${args.text.length} characters`);
    const meta = metadataProblem(args.metadata);
    if (meta !== undefined) return refuse('metadata_too_large', meta);
    const wrong = args.blocks === undefined ? [] : blockProblems(args.blocks, { rich });
    if (wrong.every((why) => why.startsWith(TOO_NEW)))
      return wrong.length > 0 ? no('invalid_blocks') : undefined;
    return refuse('invalid_blocks', wrong.join('; '));
  };

  const keep = (args: Record<string, unknown>, more: Partial<Posted> = {}): Posted => {
    micros = Math.max(micros + 1, clock.now() * 1_000);
    const posted = {
      ts: (micros / 1_000_000).toFixed(6),
      at: clock.now(),
      channel,
      user: 'U0BOT',
      bot_id: 'B0BOT',
      text: String(args.text),
      updates: 0,
      ...(Array.isArray(args.blocks) ? { blocks: args.blocks } : {}),
      ...(typeof args.thread_ts === 'string' ? { thread_ts: args.thread_ts } : {}),
      ...(args.metadata === undefined ? {} : { metadata: args.metadata }),
      ...more,
    };
    messages.set(posted.ts, posted);
    return posted;
  };

  const threadProblem = ({ thread_ts }: Record<string, unknown>): Answer | undefined => {
    if (thread_ts === undefined) return undefined;
    const root = messages.get(String(thread_ts));
    return root && root.thread_ts === undefined ? undefined : refuse('thread_not_found', String(thread_ts));
  };

  const METHODS: Record<string, (args: Record<string, unknown>) => Answer> = {
    'auth.test': () => ({
      ok: true,
      team_id: 'T0TEST',
      user_id: 'U0BOT',
      user: 'stackswap',
      bot_id: 'B0BOT',
    }),
    'conversations.info': (args) =>
      args.channel === channel
        ? { ok: true, channel: { id: channel, name: 'ops', is_member: botInChannel } }
        : no('channel_not_found'),
    'chat.postMessage': (args) =>
      judge(args, { mostText: 40_000 }) ?? threadProblem(args) ?? { ok: true, channel, ts: keep(args).ts },
    'chat.postEphemeral': (args) =>
      judge(args, { mostText: 40_000 }) ??
      threadProblem(args) ??
      (typeof args.user === 'string'
        ? { ok: true, message_ts: keep(args, { to: args.user }).ts }
        : refuse('user_not_in_channel', 'nobody')),
    'chat.update': (args) => {
      const known = messages.get(String(args.ts));
      if (!known || known.to !== undefined) return refuse('message_not_found', String(args.ts));
      const wrong = judge(args, { mostText: 4_000 });
      if (wrong) return wrong;
      const { blocks: _old, ...rest } = known;
      messages.set(known.ts, {
        ...rest,
        text: String(args.text),
        at: clock.now(),
        updates: known.updates + 1,
        ...(Array.isArray(args.blocks) ? { blocks: args.blocks } : {}),
      });
      return { ok: true, channel, ts: known.ts, text: args.text };
    },
    'conversations.history': (args) =>
      history
        ? pageOf([...messages.values()].filter((one) => !one.thread_ts && !one.to).reverse(), args)
        : no('missing_scope'),
    'conversations.replies': (args) =>
      history
        ? pageOf(
            [...messages.values()].filter(
              (one) => (one.ts === args.ts || one.thread_ts === args.ts) && !one.to,
            ),
            args,
          )
        : no('missing_scope'),
  };

  const answer = (method: string, args: Record<string, unknown>): Answer =>
    (answers.get(method) ?? METHODS[method])?.(args) ?? refuse('unknown_method', method);

  const fail = async (fault: Fault, method: string, args: Record<string, unknown>): Promise<Response> => {
    if (fault === 'lost') answer(method, args);
    if (fault === 'hang') await clock.sleep(GIVEN_UP_MS);
    if (fault === 'hang') throw new TypeError('fetch failed: the call was given up');
    if (fault === 'lost' || fault === 'reset') throw new TypeError('fetch failed: the connection was reset');
    if (fault === 'http-500') return respond('internal server error', 500);
    return 'limited' in fault
      ? respond(no('ratelimited'), 429, { 'retry-after': String(fault.limited) })
      : respond(no(fault.error));
  };

  const fetch: SlackFetch = async (url, init) => {
    const { pathname } = new URL(String(url));
    if (pathname.startsWith('/response/')) {
      responses.push(JSON.parse(String(init?.body)));
      return respond('ok');
    }
    const method = pathname.split('/').pop() ?? '';
    const args = parseArgs(init?.body);
    calls.push({ method, args, at: clock.now() });
    await clock.sleep(latencyMs);
    const fault = faults.get(method)?.shift() ?? weather(method, args);
    if (fault !== undefined) return fail(fault, method, args);
    const wait = tiers ? limits(method, String(args.channel ?? '')) : 0;
    if (wait > 0) limited += 1;
    return wait > 0 ? fail({ limited: wait }, method, args) : respond(answer(method, args));
  };

  return {
    fetch,
    calls,
    refusals,
    /** Bodies that were sent to a response_url. */
    responses,
    all: (): Posted[] => [...messages.values()],
    roots: (): Posted[] =>
      [...messages.values()].filter((one) => one.thread_ts === undefined && one.to === undefined),
    thread: (ts: string): Posted[] =>
      [...messages.values()].filter((one) => one.thread_ts === ts && one.to === undefined),
    ephemerals: (): Posted[] => [...messages.values()].filter((one) => one.to !== undefined),
    countOf: (method: string): number => calls.filter((call) => call.method === method).length,
    /** The next calls of a method fail so, one after another. */
    failNext: (method: string, ...next: Fault[]): void => {
      faults.set(method, [...(faults.get(method) ?? []), ...next]);
    },
    /** Nobody answers any more, or somebody again. */
    setAway: (value: boolean): void => {
      weather = () => (value ? 'reset' : undefined);
    },
    /** What befalls each call from now on, where nothing else was said of it. */
    setWeather: (next: Weather): void => {
      weather = next;
    },
    /** How a method answers from now on, where the double has no answer of its own. */
    answerTo: (method: string, give: (args: Record<string, unknown>) => Answer): void => {
      answers.set(method, give);
    },
    /** Calls that were refused because they came too often. */
    limitedCalls: (): number => limited,
    /** Somebody deletes a message. */
    remove: (ts: string): boolean => messages.delete(ts),
  };
};

export type StrictSlack = ReturnType<typeof strictSlack>;
