import type { Actor } from '../../../src/run/event.js';
import { OVER } from '../../../src/run/phase.js';
import type { Run } from '../../../src/run/run.js';
import { revisionOf } from '../../../src/sim/kolla-image.js';
import type { Random } from '../../../src/sim/random.js';
import { decisionButtons, runButtons } from '../../../src/views/buttons.js';
import type { SimMessage } from '../../doubles/simulated-slack.js';
import type { Bot } from './bot.js';
import { NEW, OLD } from './small-cloud.js';
import type { Stage } from './stage.js';

const actor = (id: string, name: string): Actor => ({ id, name, door: 'slack' });

export const ANN = actor('U0ANN', 'Ann');
export const BOB = actor('U0BOB', 'Bob');
export const DAN = actor('U0DAN', 'Dan');
/** A viewer, an operator who may not approve, somebody who is not in the list. */
const CEM = actor('U0CEM', 'Cem');
const EVE = actor('U0EVE', 'Eve');
const MAL = actor('U0MAL', 'Mal');

const EVERYBODY = [ANN, BOB, DAN, BOB, DAN, CEM, EVE, MAL] as const;

export type Seen = { readonly verb: string; readonly ref: string };

/** The buttons of a message, as it is now or as it was. */
export const buttonsIn = (blocks: readonly unknown[]): readonly Seen[] =>
  blocks.flatMap((block) => {
    const { elements } = block as { elements?: readonly { action_id?: string; value?: string }[] };
    return (elements ?? []).flatMap(({ action_id: id, value }) =>
      id?.startsWith('stackswap:') ? [{ verb: id.slice('stackswap:'.length), ref: value ?? '' }] : [],
    );
  });

const liveButtons = (messages: readonly SimMessage[]): readonly Seen[] =>
  messages.flatMap(({ shown }) => buttonsIn(shown.blocks));

const oldButtons = (messages: readonly SimMessage[]): readonly Seen[] =>
  messages.flatMap(({ before }) => before.flatMap(({ blocks }) => buttonsIn(blocks)));

export const newestRun = ({ kept }: Pick<Stage, 'kept'>): Run | undefined =>
  Object.values(kept.state().runs).at(-1);

/** What somebody types who knows the run's id and little else. */
const typedAt = (run: Run, random: Random): string => {
  const verb = random.pick(['approve', 'reject', 'cancel', 'rollback', 'resume', 'finalize', 'status']);
  if (verb === 'rollback' && random.chance(0.3)) return `rollback ${run.id} restored "the nightly dump"`;
  return verb === 'status' ? `status ${run.plan.service}` : `${verb} ${run.id}`;
};

export type Crowd = {
  /** Somebody does something, well meant or not. */
  act(): Promise<void>;
  /** The one who asks for the upgrade. */
  request(): Promise<string>;
  /** What a sensible person does about the run as it is; false where there is nothing to be done. */
  help(temper: 'resume' | 'rollback'): Promise<boolean>;
};

export const crowdAt = (stage: Stage, bot: Bot): Crowd => {
  const { shape, scene, diary, slack } = stage;
  const random = stage.random.fork('people');

  const say = async (who: Actor, words: string, clicked?: true): Promise<string> => {
    diary.tell(`${who.name} ${clicked ? 'clicks' : 'types'}: ${words}`);
    const answer = await bot.say(who, words, clicked);
    diary.tell(`${who.name} hears of "${words.split(' ')[0]}": ${answer}`);
    // As the answer says: the disk is mended and the bot restarted.
    if (answer.includes('takes no more events')) bot.kill('by a person who restarts it');
    // What a command throws is answered by a refusal with a way out; only a journal that fails is not.
    if (answer.startsWith('failed: ') && !/not journaled|takes no more events/.test(answer))
      diary.blame(`"${words.split(' ')[0]}" was answered as if it were a bug: ${answer}`);
    return answer;
  };

  const request = () =>
    say(ANN, `upgrade ${shape.service}${shape.crossing ? ` to ${NEW}` : ''} backup "nightly dump of today"`);

  /** Where no thread is drawn: the buttons that somebody saw at an earlier moment. */
  const remembered: Seen[] = [];
  const known = (old: boolean): readonly Seen[] => {
    if (shape.drawn) return old ? oldButtons(slack.messages) : liveButtons(slack.messages);
    const run = newestRun(stage);
    const now = run
      ? [...runButtons(run), ...decisionButtons(run)].map(({ verb, ref, turn }) => ({
          verb,
          ref: turn === undefined ? ref : `${ref}:t${turn}`,
        }))
      : [];
    const before = [...remembered];
    remembered.push(...now);
    return old ? before : now;
  };

  const click = async (): Promise<void> => {
    const buttons = known(random.chance(0.3));
    if (buttons.length === 0) return;
    const { verb, ref } = random.pick(buttons);
    const who = random.pick(EVERYBODY);
    const one = say(who, `${verb} ${ref}`, true);
    // Twice at once: by the same hand, or by two people.
    if (random.chance(0.25))
      await say(random.chance(0.5) ? who : random.pick(EVERYBODY), `${verb} ${ref}`, true);
    await one;
  };

  const hold = async (): Promise<void> => {
    const held = stage.kept.state().holds[shape.service] !== undefined;
    await say(DAN, held ? `unhold ${shape.service}` : `hold ${shape.service} "I am looking at it"`);
  };

  /** As the way out says: the database is as it was before the migration. */
  const restoreDatabase = (): void => {
    const { database } = scene.cloud;
    for (const what of [shape.service, `${shape.service} contract`])
      database.set(what, revisionOf(shape.service, OLD));
    diary.tell('the database is restored from the backup');
  };

  const backWithRestored = async (run: Run): Promise<boolean> => {
    restoreDatabase();
    return (await say(DAN, `rollback ${run.id} restored "the nightly dump"`)) === 'done';
  };

  const rollBack = async (run: Run): Promise<boolean> => {
    const answer = await say(DAN, `rollback ${run.id}`);
    return answer === 'refused: no-backup-word' ? backWithRestored(run) : answer === 'done';
  };

  const helpStuck = async (run: Run): Promise<boolean> => {
    if ((await say(DAN, `resume ${run.id}`)) !== 'done') return false;
    return true;
  };

  const release = async (): Promise<boolean> => (await say(DAN, `unhold ${shape.service}`)) === 'done';

  const helpers: Partial<
    Record<Run['phase'], (run: Run, temper: 'resume' | 'rollback') => Promise<boolean>>
  > = {
    proposed: async (run) => {
      for (const who of [BOB, DAN, ANN])
        if ((await say(who, `approve ${run.id}:${run.fingerprint.slice(0, 12)}`)) === 'done') return true;
      return false;
    },
    paused: (run, temper) => answerAsk(run, temper),
    interrupted: (run, temper) => answerAsk(run, temper),
    stuck: async (run) => {
      if (/class D/.test(run.why ?? '')) return backWithRestored(run);
      return helpStuck(run);
    },
    'finalize-failed': async (run, temper) => {
      if (temper === 'rollback' && (await rollBack(run))) return true;
      const answers = [await say(BOB, `finalize ${run.id}`), await say(DAN, `finalize ${run.id}`)];
      // The refusal names the way out.
      return answers.includes('refused: on-hold') ? release() : answers.includes('done');
    },
  };

  const answerAsk = async (run: Run, temper: 'resume' | 'rollback'): Promise<boolean> => {
    const back = () => rollBack(run);
    const on = async () => (await say(DAN, `resume ${run.id}`)) === 'done';
    const [first, second] = temper === 'rollback' && run.direction === 'forward' ? [back, on] : [on, back];
    return (await first()) || (await second());
  };

  return {
    request,
    help: async (temper) => {
      const run = newestRun(stage);
      if (!run && stage.kept.state().holds[shape.service]) return release();
      if (!run) return (await request()) === 'done';
      return (await helpers[run.phase]?.(run, temper)) ?? false;
    },
    act: async () => {
      const run = newestRun(stage);
      const what = random.weighted({
        click: 6,
        type: 3,
        request: run && !OVER.includes(run.phase) ? 0.5 : 3,
        hold: 0.5,
      });
      if (what === 'click') return click();
      if (what === 'hold') return hold();
      if (what === 'request' || !run) return void (await request());
      await say(random.pick(EVERYBODY), typedAt(run, random));
    },
  };
};
