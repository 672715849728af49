import { COMMANDS } from '../../../commands/index.js';
import type { App } from '../../../src/app.js';
import { buildApp } from '../../../src/build-app.js';
import { messageOf, Refusal } from '../../../src/errors.js';
import { parseCommand } from '../../../src/parse.js';
import { type Redactor, redactor } from '../../../src/redact.js';
import { BOT } from '../../../src/run/actor.js';
import type { Actor } from '../../../src/run/event.js';
import { SimulatedCrash } from '../../../src/sim/faults.js';
import { announcer } from '../../../src/slack/announce.js';
import { drawingChoice } from '../../../src/slack/drawing.js';
import { type AroundAppend, clockOf, journalOf, logOf, postsOf } from './mortal.js';
import { type Stage, WHOLE_EVERY } from './stage.js';

/** The redactor costs as much as all the rest together, and has tests of its own: the seeds that have everything have it. */
const REDACTED_EVERY = WHOLE_EVERY;

const PLAIN: Redactor = {
  learn: () => undefined,
  redact: (text) => text,
  redactDeep: (value) => value,
  tail: (text) => text,
};

const HOUR_MS = 3_600_000;

/** Longer than a person waits for an answer: milliseconds. */
const NO_ANSWER_MS = 120_000;

export type Bot = {
  /** The app of the life that is under way; none while the process is dead or comes up. */
  app(): App | undefined;
  /** Ends the process now. */
  kill(where: string): void;
  /** A person's words or click; answers with what became of it, in a word. */
  say(actor: Actor, words: string, clicked?: true): Promise<string>;
  /** Starts the process, and starts it again whenever it died. */
  start(): Promise<void>;
};

export const botOn = (stage: Stage, around: AroundAppend): Bot => {
  const { scene, clock, diary, kept, seed } = stage;
  const { cloud } = scene;
  const chance = stage.random.fork('bot');
  const ids = stage.random.fork('ids');
  let born = 0;
  let skew = 0;
  let up: App | undefined;

  const isAlive = (life: number) => (): boolean => life === born && !cloud.crashed;

  /** Somebody sets the machine's clock; whoever keeps the settings wants more approvals, or takes a role away. */
  const changeBetweenLives = (): void => {
    if (chance.chance(0.1)) {
      skew = chance.pick([-HOUR_MS, HOUR_MS]);
      diary.tell(`the machine's clock is ${skew / HOUR_MS} h off`);
    }
    const { config } = stage.settings;
    if (config.policy.approvals > 1 || stage.settings.changed || !chance.chance(0.1)) return;
    const stricter = chance.chance(0.5);
    diary.tell(stricter ? 'two approvals are wanted from now on' : 'Bob is no approver any more');
    stage.settings.changed = true;
    stage.settings.config = stricter
      ? { ...config, policy: { ...config.policy, approvals: 2 } }
      : { ...config, people: config.people.filter(({ name }) => name !== 'Bob') };
  };

  const live = async (): Promise<void> => {
    born += 1;
    const alive = isAlive(born);
    const own = clockOf(stage, alive, skew);
    const redact = seed % REDACTED_EVERY === 0 ? redactor() : PLAIN;
    const log = logOf(stage, alive);
    // What the last life left on the disk was done under the settings of that life.
    await stage.ledger.open();
    if (born > 1 && !stage.isCalm()) changeBetweenLives();
    const app = await buildApp({
      config: stage.settings.config,
      log,
      redactor: redact,
      journal: journalOf(kept, alive, around),
      engines: scene.engines(),
      units: scene.units(),
      clock: own,
      patience: stage.shape.patience,
      folders: stage.folders,
      newId: () => `r${ids.int(0x1_0000_0000).toString(16).padStart(8, '0')}`,
      every: (ms, act) => {
        const repeat = async (): Promise<void> => {
          for (;;) {
            await own.sleep(ms);
            act();
          }
        };
        void repeat();
        return () => undefined;
      },
    });
    await app.recover();
    const thread = stage.shape.drawn
      ? announcer({
          app,
          client: postsOf(stage, alive),
          log,
          redact: redact.redact,
          drawing: drawingChoice(scene.config.blocks),
          clock: own,
          pace: { gatherMs: 1_000 },
        })
      : undefined;
    thread?.recover(await app.history(BOT));
    up = app;
    diary.tell(`the bot is up (life ${born})`);
  };

  /** The supervisor's pause before the next life; now and then somebody has to notice first. */
  const pause = async (): Promise<void> => {
    await clock.sleep(chance.between(500, 20_000));
    const until = clock.now() + (chance.chance(0.8) ? 0 : 1_200_000);
    while (clock.now() < until && !stage.isCalm()) await clock.sleep(10_000);
  };

  const supervise = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(500);
      if (!cloud.crashed) continue;
      up = undefined;
      stage.ledger.kill();
      await pause();
      cloud.nextLife();
      live().catch(outlived);
    }
  };

  /** What a dying process throws goes nowhere; anything else is a bug. */
  const outlived = (error: unknown): void => {
    if (error instanceof SimulatedCrash) return;
    diary.tell(`the bot did not come up: ${messageOf(error)}`);
    kill('at its start');
  };

  const kill = (where: string): void => {
    if (cloud.crashed) return;
    diary.tell(`the bot is killed ${where}`);
    try {
      cloud.crash(where);
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
    }
  };

  const answerTo = async (actor: Actor, words: string, clicked?: true): Promise<string> => {
    const now = cloud.crashed ? undefined : up;
    if (!now) return 'nobody answers';
    try {
      const { command, args } = parseCommand(words, COMMANDS);
      await command.run(now, args, { actor, ...(clicked ? { clicked } : {}) });
      return 'done';
    } catch (error) {
      if (error instanceof Refusal) return `refused: ${error.code}`;
      if (cloud.crashed || error instanceof SimulatedCrash) return 'the bot died';
      return `failed: ${messageOf(error)}`;
    }
  };

  return {
    app: () => (cloud.crashed ? undefined : up),
    kill,
    say: (actor, words, clicked) =>
      Promise.race([answerTo(actor, words, clicked), clock.sleep(NO_ANSWER_MS).then(() => 'no answer')]),
    start: async () => {
      void supervise();
      live().catch(outlived);
    },
  };
};
