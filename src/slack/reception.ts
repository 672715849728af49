import type { App as BoltApp } from '@slack/bolt';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf, type RefusalCode } from '../errors.js';
import { type Clock, realClock } from '../probes/clock.js';
import { ACTION_PREFIX } from '../render/buttons.js';
import type { Announcer } from './announce.js';
import { arrival, homeUnknown, STANDING_WITHIN_MS } from './arrival.js';
import { type Answer, actorOf, refused } from './dispatch.js';
import { foreign } from './home.js';
import { type Inbound, readButton, readMention, readSlash } from './inbound.js';
import { limiter } from './limiter.js';
import { remember } from './once.js';
import type { Standing } from './standing.js';

export type ReceptionOptions = {
  readonly bolt: BoltApp;
  readonly app: App;
  readonly log: Logger;
  readonly standing: Promise<Standing>;
  readonly dispatch: (inbound: Inbound, requireFresh: () => void) => Promise<Answer>;
  readonly answer: (inbound: Inbound, answer: Answer) => Promise<void>;
  readonly messages: Announcer;
  /** What is known of people and groups is asked for anew. */
  readonly forgetPeople: () => void;
  /** For tests: a minute in an instant. */
  readonly clock?: Clock;
};

/** Longer than the 5 minutes in which a signed request can be replayed. */
const REPLAY_MS = 600_000;
/** Two clicks of one person on one button within this time are one click. */
const DOUBLE_CLICK_MS = 1_000;

/**
 * Refusals that say of a message that it is out of date. After any other it is not drawn anew: all runs share one budget
 * of updates, and nobody without a role may use that up by clicking.
 */
const OUT_OF_DATE: readonly (RefusalCode | undefined)[] = ['stale-click', 'not-now', 'expired'];

/** What the log says (level debug) once nothing more is done about a request: answered, refused, or a repetition. */
export const DEALT_WITH = 'a request was dealt with';

/** The one slash command. */
export const SLASH_COMMAND = '/openstack';

/**
 * All that is listened to in Slack. `asks`: the words or the button's verb go through dispatch, where authority is asked
 * for that verb. `forgets`: what was remembered of people is asked for anew, and nothing else is done.
 */
export const LISTENERS = {
  [`command ${SLASH_COMMAND}`]: 'asks',
  [`action ^${ACTION_PREFIX}`]: 'asks',
  'event app_mention': 'asks',
  'event subteam_members_changed': 'forgets',
} as const;

/** Lets one after the other go on, each in a turn of the event loop of its own, so that what arrives meanwhile is seen. */
const inTurn = () => {
  let last = Promise.resolve();
  return (): Promise<void> => {
    last = last.then(() => new Promise((resolve) => void setImmediate(resolve)));
    return last;
  };
};

/** Takes requests from Bolt: acknowledged at once, believed only after a check, done once. Its listeners never throw. */
export const reception = ({
  bolt,
  app,
  log,
  standing,
  dispatch,
  answer,
  messages,
  forgetPeople,
  clock = realClock,
}: ReceptionOptions): void => {
  const first = remember({ ttlMs: REPLAY_MS });
  const firstClick = remember({ ttlMs: DOUBLE_CLICK_MS });
  const limits = limiter();
  const turn = inTurn();

  const isNew = ({ key, clickKey }: Inbound): boolean =>
    first(key) && (clickKey === undefined || firstClick(clickKey));

  const redrawClicked = ({ clicked, channel, text }: Inbound): void => {
    const [id = ''] = (text.split(' ')[1] ?? '').split(':');
    if (clicked === undefined || id === '') return;
    try {
      messages.redraw(app.run(id), { channel, ts: clicked });
    } catch (error) {
      log.debug({ run: id, why: messageOf(error) }, 'a click named a run that is not there');
    }
  };

  const dispatched = (inbound: Inbound, requireFresh: () => void): Promise<Answer> | Answer => {
    const refusal = limits.tooMany(inbound, actorOf(app, inbound));
    return refusal ? refused(refusal) : dispatch(inbound, requireFresh);
  };

  const give = async (inbound: Inbound, given: Answer): Promise<void> => {
    if (limits.mayAnswer(inbound)) await answer(inbound, given);
    else log.warn({ user: inbound.user }, 'answers were asked for too often, and this one was not given');
  };

  let known: Standing | undefined;
  const standingSoon = async (): Promise<Standing | undefined> => {
    known ??= (await Promise.race([standing, clock.sleep(STANDING_WITHIN_MS)])) ?? undefined;
    return known;
  };

  const serve = async (inbound: Inbound, requireFresh: () => void): Promise<void> => {
    const at = await standingSoon();
    if (!at) {
      log.warn({ user: inbound.user }, 'Slack does not tell who the bot is: a request was not served');
      if (isNew(inbound)) await give(inbound, refused(homeUnknown()));
      return;
    }
    const why = foreign(at.home, inbound);
    if (why !== undefined) {
      const { teams, enterprise, app: to, user } = inbound;
      log.warn({ teams, enterprise, app: to, user }, `a request from ${why} was not served`);
      return;
    }
    if (!isNew(inbound)) return;
    const given = await dispatched(inbound, requireFresh);
    if (OUT_OF_DATE.includes(given.code)) redrawClicked(inbound);
    await give(inbound, given);
  };

  const receive = async (read: () => Inbound | undefined, ack?: () => Promise<unknown>): Promise<void> => {
    const requireFresh = arrival(clock);
    try {
      await ack?.();
      // Acknowledging the others goes before serving this one: Slack waits 3 s.
      await turn();
      const inbound = read();
      if (!inbound) return;
      await serve(inbound, requireFresh);
      log.debug({ door: inbound.kind, user: inbound.user }, DEALT_WITH);
    } catch (error) {
      log.warn({ why: messageOf(error) }, 'a request from Slack was not served');
    }
  };

  bolt.command(SLASH_COMMAND, ({ ack, body }) =>
    receive(
      () => readSlash(body),
      () => ack(),
    ),
  );
  bolt.action(new RegExp(`^${ACTION_PREFIX}`), ({ ack, body }) =>
    receive(
      () => readButton(body),
      () => ack(),
    ),
  );
  bolt.event('app_mention', ({ body }) => receive(() => readMention(body)));
  bolt.event('subteam_members_changed', async () => forgetPeople());
  bolt.error(async (error) => log.warn({ why: messageOf(error) }, 'Bolt could not handle a request'));
};
