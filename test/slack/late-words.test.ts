import type { App as BoltApp } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { Refusal, type RefusalCode } from '../../src/errors.js';
import { virtualClock } from '../../src/sim/clock.js';
import { BEGUN_WITHIN_MS, STANDING_WITHIN_MS } from '../../src/slack/arrival.js';
import { type Answer, dispatcher, refused } from '../../src/slack/dispatch.js';
import { reception } from '../../src/slack/reception.js';
import type { Standing } from '../../src/slack/standing.js';
import { runAt } from '../builders.js';
import { fakeApp } from '../fake-app.js';
import { keptLog } from './fake-app.js';

type Listener = (said: Record<string, unknown>) => Promise<void>;

const STANDING: Standing = {
  team: 'T0HOME',
  home: { teams: ['T0HOME'], enterprise: undefined, wide: false, app: undefined, problems: [] },
  botUser: 'U0BOT',
  botId: 'B0BOT',
  problems: [],
};

type Options = {
  readonly standing?: Promise<Standing>;
  /** What Slack says of the place, and how long it takes. */
  readonly requirePlace?: () => Promise<void>;
  readonly dispatch?: () => Promise<Answer>;
};

/** A bot that is told things by hand, and whose time is ours. */
const scene = ({
  standing = Promise.resolve(STANDING),
  requirePlace = async () => undefined,
  dispatch,
}: Options) => {
  const clock = virtualClock();
  const app = fakeApp([runAt('upgraded')]);
  const heard = new Map<string, Listener>();
  const listen = (name: unknown, listener: Listener) =>
    void heard.set(name instanceof RegExp ? 'click' : String(name), listener);
  const { log, lines } = keptLog();
  const answers: Answer[] = [];
  const redrawn: string[] = [];
  reception({
    bolt: {
      command: listen,
      action: listen,
      event: listen,
      error: () => undefined,
    } as unknown as BoltApp,
    app,
    log,
    standing,
    dispatch:
      dispatch ?? dispatcher({ app, commands: COMMANDS, requirePlace, runOfThread: () => undefined, log }),
    answer: async (_inbound, answer) => void answers.push(answer),
    messages: {
      redraw: (run: { id: string }) => void redrawn.push(run.id),
    } as unknown as Parameters<typeof reception>[0]['messages'],
    forgetPeople: () => undefined,
    clock,
  });
  const ack = async () => undefined;
  const body = { team_id: 'T0HOME', user_id: 'UERIN', channel_id: 'C012ABCDEF', command: '/openstack' };
  const type = (text: string, trigger = text): Promise<void> =>
    heard.get('/openstack')?.({ ack, body: { ...body, text, trigger_id: trigger } }) ?? Promise.reject();
  const click = (verb: string): Promise<void> =>
    heard.get('click')?.({
      ack,
      body: {
        type: 'block_actions',
        team: { id: 'T0HOME' },
        user: { id: 'UERIN' },
        channel: { id: 'C012ABCDEF' },
        container: { type: 'message', message_ts: '1.1' },
        actions: [{ type: 'button', action_id: `stackswap:${verb}`, value: 'r1:t0', action_ts: '1.2' }],
      },
    }) ?? Promise.reject();
  return { clock, app, type, click, answers, redrawn, lines };
};

describe('words that are typed while Slack does not tell who the bot is', () => {
  test('are turned down within seconds, and never carried out when it tells', async () => {
    let tell: (standing: Standing) => void = () => undefined;
    const standing = new Promise<Standing>((resolve) => {
      tell = resolve;
    });
    const { app, clock, type, answers, lines } = scene({ standing });
    for (const trigger of ['1', '2', '3']) {
      const began = clock.now();
      await type('rollback cinder', trigger);
      expect(clock.now() - began).toBe(STANDING_WITHIN_MS);
    }
    expect(answers.map(({ kind, code }) => [kind, code])).toEqual([
      ['refused', 'cannot-tell'],
      ['refused', 'cannot-tell'],
      ['refused', 'cannot-tell'],
    ]);
    expect(answers[0]?.reply.summary).toContain(
      'Nothing was done. Ask again in a minute, or use the command',
    );
    expect(JSON.stringify(lines)).toContain('a request was not served');

    tell(STANDING);
    await standing;
    // The same request, delivered once more: what its person was told stays true.
    await type('rollback cinder', '1');
    expect(app.asked).toEqual([]);
    await type('rollback cinder', '4');
    expect(app.asked).toEqual(['rollback Erin r1']);
  });
});

describe('words of which Slack says late whose they are', () => {
  test.each([
    ['are carried out within half a minute', BEGUN_WITHIN_MS, ['rollback Erin r1']],
    ['are not carried out after half a minute', BEGUN_WITHIN_MS + 1, []],
  ])('%s', async (_what, ms, asked) => {
    const stage = scene({ requirePlace: async () => stage.clock.advance(ms) });
    await stage.type('rollback cinder');
    expect(stage.app.asked).toEqual(asked);
    expect(stage.answers.map(({ code }) => code)).toEqual([asked.length > 0 ? undefined : 'cannot-tell']);
  });
});

describe('a click that is refused', () => {
  const redrawnAfter = async (code: RefusalCode): Promise<number> => {
    const refusal = refused(new Refusal(code, 'No.', 'Go.'));
    const { click, redrawn } = scene({ dispatch: async () => refusal });
    await click('rollback');
    return redrawn.length;
  };

  test.each(['stale-click', 'not-now', 'expired'] as const)(
    'because its message is out of date (%s) has it drawn anew',
    async (code) => {
      expect(await redrawnAfter(code)).toBe(1);
    },
  );

  test.each(['not-allowed', 'too-many', 'wrong-channel', 'cannot-tell', 'own-request'] as const)(
    'because of who clicks or where (%s) uses up no update of Slack',
    async (code) => {
      expect(await redrawnAfter(code)).toBe(0);
    },
  );
});
