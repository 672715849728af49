import { afterEach, describe, expect, test } from 'vitest';
import type { Run } from '../../src/run/run.js';
import { ANN, BOB } from '../run/scene.js';
import { soon } from './fake-app.js';
import { clickOf, cloudFor, type SignedBot, signedBot, wired } from './signed-bot.js';

const running: SignedBot[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

const PEOPLE = [ANN, BOB].map(({ id, name }) => ({ name, slack: id, roles: ['operator', 'approver'] }));

const botOver = async (options: Parameters<typeof cloudFor>[0] = {}): Promise<SignedBot> => {
  const bot = await signedBot({ scene: await cloudFor({ people: PEOPLE, ...options }) });
  running.push(bot);
  return bot;
};

const NEVER_WELL = {
  releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' as const }],
  config: { policy: { on_failure: 'ask' } },
};

const requested = ({ app }: SignedBot): Promise<Run> =>
  app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });

type Shown = { readonly verb: string; readonly value: string };

/** The buttons that stand in Slack now. */
const shownIn = ({ slack }: SignedBot): readonly Shown[] =>
  slack
    .all()
    .flatMap(({ blocks }) => [
      ...JSON.stringify(blocks ?? []).matchAll(/"action_id":"stackswap:([a-z]+)","value":"([^"]+)"/g),
    ])
    .map(([, verb = '', value = '']) => ({ verb, value }));

const shown = async (bot: SignedBot, verb: string): Promise<string> =>
  soon(() => {
    const found = shownIn(bot).find((one) => one.verb === verb);
    if (!found) throw new Error(`no button says ${verb}`);
    return found.value;
  });

/** A click on what somebody still sees; answers with what they are told. */
const late = async (bot: SignedBot, verb: string, value: string): Promise<string> => {
  const before = bot.slack.ephemerals().length;
  await bot.say(wired(clickOf(BOB.id, verb, value)));
  await soon(() => expect(bot.slack.ephemerals().length).toBe(before + 1));
  return bot.slack.ephemerals().at(-1)?.text ?? '';
};

describe('a late click', () => {
  test('on Cancel of a request does not roll back the upgrade that it has become', async () => {
    const bot = await botOver();
    const run = await requested(bot);
    const cancel = await shown(bot, 'cancel');
    await bot.app.approve(BOB, run.id);
    await bot.app.settled(run.id);
    expect(await late(bot, 'cancel', cancel)).toContain(`Run ${run.id} of cinder is upgraded`);
    expect(bot.app.run(run.id).phase).toBe('upgraded');
  });

  test('on Resume does not answer a later question', async () => {
    const bot = await botOver(NEVER_WELL);
    const run = await requested(bot);
    await bot.app.approve(BOB, run.id);
    await bot.app.settled(run.id);
    const resume = await shown(bot, 'resume');
    await bot.app.resume(ANN, run.id);
    await bot.app.settled(run.id);
    expect(bot.app.run(run.id).phase).toBe('paused');
    const before = await bot.deeds();
    expect(await late(bot, 'resume', resume)).toContain('that button was drawn before');
    expect(await bot.deeds()).toEqual(before);
    // The question that is asked now has a button of its own, and that one works.
    await soon(async () => expect(await shown(bot, 'resume')).not.toBe(resume));
    await bot.say(wired(clickOf(BOB.id, 'resume', await shown(bot, 'resume'))));
    await soon(async () => expect((await bot.deeds()).filter((deed) => deed === 'resumed')).toHaveLength(2));
  });

  test('on Roll back of a question does not go back from an upgrade that went well after all', async () => {
    const bot = await botOver(NEVER_WELL);
    const run = await requested(bot);
    await bot.app.approve(BOB, run.id);
    await bot.app.settled(run.id);
    const rollback = await shown(bot, 'rollback');
    await bot.app.rollback(ANN, run.id);
    await bot.app.settled(run.id);
    expect(await late(bot, 'rollback', rollback)).toContain('rolled-back');
    expect((await bot.deeds()).filter((deed) => deed === 'rollback')).toHaveLength(1);
  });

  test('on Approve does not give back a word that its person has withdrawn', async () => {
    const bot = await botOver({ config: { policy: { approvals: 2, requester_counts: true } } });
    const run = await requested(bot);
    const approve = await shown(bot, 'approve');
    await bot.app.approve(BOB, run.id);
    await bot.app.withdraw(BOB, run.id);
    await late(bot, 'approve', approve);
    expect(bot.app.run(run.id).approvals).toEqual([]);
  });

  test('on a button of an older Stackswap, which named no turn, is refused with the way out', async () => {
    const bot = await botOver();
    const run = await requested(bot);
    expect(await late(bot, 'approve', `${run.id}:${run.fingerprint.slice(0, 12)}`)).toContain(
      'older Stackswap',
    );
    expect(bot.app.run(run.id).approvals).toEqual([]);
  });
});

test('a click on each button that stands in Slack works, in each state of a run', async () => {
  const bot = await botOver();
  const run = await requested(bot);
  const clicked = async (verb: string, phase: string): Promise<void> => {
    await bot.say(wired(clickOf(BOB.id, verb, await shown(bot, verb))));
    await soon(() => expect(bot.app.run(run.id).phase).toBe(phase), 15_000);
  };
  await clicked('approve', 'upgraded');
  await clicked('finalize', 'finalized');
});
