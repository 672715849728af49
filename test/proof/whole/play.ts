import type { Phase } from '../../../src/run/phase.js';
import { keepBooks } from './books.js';
import { botOn } from './bot.js';
import { judgeEnd, originalsOf, SETTLED } from './end.js';
import { foreignHand } from './foreign.js';
import { natureOf } from './nature.js';
import { crowdAt, newestRun } from './people.js';
import { shapeInWords } from './shape.js';
import { type Stage, setStage, type Wish } from './stage.js';
import { judgeThread } from './thread.js';
import { tellAll } from './told.js';
import { watchHosts } from './watch.js';

export type Played = {
  readonly why: readonly string[];
  readonly end: string;
  readonly lines: readonly string[];
};

/** Longest that a run may work on without asking anybody, once nothing goes wrong any more: milliseconds. */
const MOST_WORK_MS = 6 * 3_600_000;
/** Longest that a whole story may take: milliseconds. */
const MOST_MS = 72 * 3_600_000;
const WORKING: readonly Phase[] = ['approved', 'running', 'rolling-back', 'finalizing'];
const WAITING: readonly Phase[] = ['paused', 'stuck', 'finalize-failed'];
const MOST_ANSWERS = 12;

/** I12: what is under way ends, or asks. */
const untilQuiet = async (stage: Stage): Promise<void> => {
  const { clock, diary } = stage;
  const until = clock.now() + MOST_WORK_MS;
  for (let pause = 1_000; ; pause = Math.min(60_000, pause * 2)) {
    await clock.sleep(pause);
    const phase = newestRun(stage)?.phase;
    if (phase === undefined || !WORKING.includes(phase)) return;
    if (clock.now() > until) return diary.blame(`I12: the run is ${phase} for hours, and nothing happens`);
  }
};

const isSettled = (stage: Stage): boolean => {
  const phase = newestRun(stage)?.phase;
  return phase !== undefined && SETTLED.includes(phase);
};

type People = ReturnType<typeof crowdAt>;

/** I12: with nothing going wrong any more, people who answer what they are asked get the run to a good end. */
const bringToEnd = async (stage: Stage, crowd: People, temper: 'resume' | 'rollback'): Promise<void> => {
  const { clock } = stage;
  await clock.sleep(60_000);
  for (let asked = 0; asked < MOST_ANSWERS; asked += 1) {
    await untilQuiet(stage);
    if (isSettled(stage)) return;
    // Who has resumed in vain again and again goes back.
    if (!(await crowd.help(asked < 4 ? temper : 'rollback'))) await clock.sleep(30_000);
  }
  await untilQuiet(stage);
};

/** People come and go while things go wrong. */
const troubledTime = async (stage: Stage, crowd: People): Promise<void> => {
  const { clock, trouble, beganAt } = stage;
  const random = stage.random.fork('rhythm');
  const until = beganAt + trouble.untilMs;
  for (let tries = 0; tries < 5 && !newestRun(stage); tries += 1) {
    if ((await crowd.request()) !== 'done') await clock.sleep(random.between(1_000, 20_000));
  }
  await clock.sleep(random.between(1_000, 30_000));
  if (random.chance(0.9)) await crowd.help('resume');
  while (clock.now() < until) {
    await clock.sleep(random.between(2_000, 40_000));
    await (random.chance(0.5) ? crowd.help(random.pick(['resume', 'rollback'])) : crowd.act());
    if (isSettled(stage) && random.chance(0.4)) return;
  }
};

const endOf = (stage: Stage, foreign: boolean): string => {
  const run = newestRun(stage);
  const phase = run?.phase ?? 'never requested';
  return foreign ? `${phase}, after a foreign hand` : phase;
};

export const play = async (seed: number, wish: Wish = {}): Promise<Played> => {
  const stage = await setStage(seed, wish);
  const { clock, diary, shape } = stage;
  diary.tell(`seed ${seed}: ${shapeInWords(shape)}`);
  const originals = await originalsOf(stage);
  const foreign = foreignHand(stage);
  watchHosts(stage, foreign);
  const actors = { bot: () => bot, foreign, crowd: () => crowd };
  const nature = natureOf(stage, actors);
  const bot = botOn(stage, nature.aroundAppend);
  const crowd = crowdAt(stage, bot);
  keepBooks(stage);
  tellAll(stage);
  const story = async (): Promise<void> => {
    await bot.start();
    await clock.sleep(1_000);
    await troubledTime(stage, crowd);
    nature.calm();
    diary.tell('from here on nothing goes wrong');
    const random = stage.random.fork('end');
    await bringToEnd(stage, crowd, random.pick(['resume', 'rollback']));
    if (!isSettled(stage) && foreign.done.length === 0)
      diary.blame(
        `I12: people answered all that was asked, and the run is ${newestRun(stage)?.phase ?? 'not there'}`,
      );
    // Kolla's units try again after 11 s.
    await clock.sleep(90_000);
    const run = newestRun(stage);
    if (run && WAITING.includes(run.phase) && !(run.why ?? run.asked?.why))
      diary.blame(`F31: the run is ${run.phase}, and nobody is told why`);
    if (isSettled(stage))
      for (const sentence of await judgeEnd(stage, foreign, originals)) diary.blame(sentence);
    if (shape.drawn) for (const sentence of judgeThread(stage)) diary.blame(sentence);
  };
  try {
    const late = clock.sleep(MOST_MS).then(() => diary.blame('I12: the whole story never came to its end'));
    await Promise.race([story(), late]);
  } finally {
    clock.end();
  }
  return { why: diary.wrong, end: endOf(stage, foreign.done.length > 0), lines: diary.lines };
};
