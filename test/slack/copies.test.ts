import { afterEach, expect, test } from 'vitest';
import { virtualClock } from '../../src/sim/clock.js';
import { eventsTo } from '../builders.js';
import { type Posted, type StrictSlack, strictSlack, type Weather } from '../doubles/strict-slack.js';
import { ANN, BOB } from '../run/scene.js';
import { announced } from './announced.js';
import { MINUTE } from './bot-in-time.js';
import { soon } from './fake-app.js';
import { CHANNEL, clickOf, cloudFor, type SignedBot, signedBot, wired } from './signed-bot.js';

const running: SignedBot[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

/** Each message is taken, and the first answer to it lost. */
const firstAnswersLost = (): Weather => {
  const lost = new Set<string>();
  return (method, { metadata }) => {
    const mark = JSON.stringify(metadata);
    if (method !== 'chat.postMessage' || metadata === undefined || lost.has(mark)) return undefined;
    lost.add(mark);
    return 'lost';
  };
};

const drawn = (message: Posted | undefined): string => JSON.stringify(message?.blocks);
const copiesOf = (slack: StrictSlack, slot: string): readonly Posted[] =>
  slack.all().filter(({ metadata }) => JSON.stringify(metadata)?.includes(`"${slot}"`));

test('a click on the stale copy of a message does nothing, and the copy loses its buttons', async () => {
  const people = [ANN, BOB].map(({ id, name }) => ({ name, slack: id, roles: ['operator', 'approver'] }));
  const bot = await signedBot({ scene: await cloudFor({ people }) });
  running.push(bot);
  const { app, slack } = bot;
  const noScope = () => ({ ok: false, error: 'missing_scope' });
  slack.answerTo('conversations.history', noScope);
  slack.answerTo('conversations.replies', noScope);
  slack.setWeather(firstAnswersLost());
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await soon(() => expect(app.run(id).messages.plan).toBeDefined());
  await app.approve(BOB, id);
  await app.settled(id);
  const known = () => copiesOf(slack, 'plan').find(({ ts }) => ts === app.run(id).messages.plan?.ts);
  const copy = () => copiesOf(slack, 'plan').find(({ ts }) => ts !== app.run(id).messages.plan?.ts);
  await soon(() => expect(drawn(known())).not.toContain('action_id'));
  expect(copiesOf(slack, 'plan')).toHaveLength(2);

  const value = /"action_id":"stackswap:cancel","value":"([^"]+)"/.exec(drawn(copy()))?.[1];
  const before = await bot.deeds();
  const container = { type: 'message', message_ts: copy()?.ts, channel_id: CHANNEL };
  await bot.say(wired({ ...clickOf(BOB.id, 'cancel', value), container }));
  await soon(() => expect(drawn(copy())).not.toContain('action_id'));
  expect(copy()?.text).toBe(
    `This copy of a message of run ${id} is out of date: it was sent more than once. The run’s thread goes on in the other one.`,
  );
  expect(slack.ephemerals().at(-1)?.text).toContain('that button was drawn before');
  expect(await bot.deeds()).toEqual(before);
  expect(drawn(known())).not.toContain('sent more than once');
  expect(slack.refusals).toEqual([]);
});

/** A rejected run whose messages stand twice each, in virtual time. */
const doubled = async () => {
  const clock = virtualClock(Date.now(), { turns: 'ticks' });
  const slack = strictSlack({ clock, history: false, latencyMs: 50, tiers: true });
  const { app, append, messages, lines } = announced(slack, { clock });
  slack.setWeather(firstAnswersLost());
  const events = eventsTo('rejected');
  append('r1', ...events.slice(0, -1));
  await clock.sleep(MINUTE);
  append('r1', ...events.slice(-1));
  await clock.sleep(MINUTE);
  slack.setWeather(() => undefined);
  const run = () => app.run('r1');
  const copy = (): Posted => {
    const found = copiesOf(slack, 'plan').find(({ ts }) => ts !== run().messages.plan?.ts);
    if (!found) throw new Error('the plan stands once');
    return found;
  };
  const click = (ts = copy().ts): void => messages.redraw(run(), { channel: CHANNEL, ts });
  return { clock, slack, messages, lines, copy, click };
};

test('a copy is changed once, however often it is clicked', async () => {
  const { clock, slack, copy, click } = await doubled();
  expect(drawn(copy())).toContain('action_id');
  for (let nth = 0; nth < 20; nth += 1) {
    click();
    await clock.sleep(1_000);
  }
  expect(copy()).toMatchObject({ updates: 1, text: expect.stringContaining('sent more than once') });
  expect(drawn(copy())).not.toContain('action_id');
  expect(slack.refusals).toEqual([]);
});

test.each(['reset', 'lost', { limited: 20 }, { error: 'internal_error' }] as const)(
  'a copy that was clicked while Slack answers %j loses its buttons once Slack is back',
  async (fault) => {
    const { clock, slack, messages, copy, click } = await doubled();
    slack.setWeather(() => fault);
    click();
    await clock.sleep(MINUTE);
    expect(messages.idle()).toBe(false);
    slack.setWeather(() => undefined);
    await clock.sleep(MINUTE);
    expect(drawn(copy())).not.toContain('action_id');
    expect(messages.idle()).toBe(true);
  },
);

test('a message that Slack does not let us change is left, and logged', async () => {
  const { clock, slack, messages, lines, click } = await doubled();
  const before = slack.countOf('chat.update');
  click('1700000000.000001');
  await clock.sleep(MINUTE);
  expect(slack.countOf('chat.update') - before).toBe(1);
  expect(messages.idle()).toBe(true);
  expect(lines).toContainEqual(
    expect.objectContaining({ ts: '1700000000.000001', outcome: { kind: 'gone' } }),
  );
});

test('many clicked copies leave updates for the messages that are followed, and do not pile up', async () => {
  const { clock, slack, messages, click } = await doubled();
  const before = slack.countOf('chat.update');
  for (let nth = 0; nth < 200; nth += 1) click(`1700000000.${String(nth).padStart(6, '0')}`);
  await clock.sleep(MINUTE / 2);
  expect(slack.countOf('chat.update') - before).toBeLessThanOrEqual(13);
  await clock.sleep(MINUTE / 2);
  expect(slack.countOf('chat.update') - before).toBe(20);
  expect(messages.idle()).toBe(true);
});
