import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadlines } from '../../../src/engine/deadline.js';
import type { Handler } from '../../e2e/wire.js';
import type { PrivateEngine } from '../private-engine.js';

/** What becomes of dockerd while a request is on its way to it. */
export type Halt = {
  readonly title: string;
  readonly does: (engine: PrivateEngine) => Promise<void>;
  /** Of the bot, where they are other than its own. */
  readonly deadlines?: Partial<Deadlines>;
};

const PAUSE_MS = 3_000;
/** All shorter than the pause. */
const IMPATIENT = { look: 1_000, create: 1_000, change: 1_000, start: 1_000, stop: 1_000 };

const restart =
  (signal: 'SIGTERM' | 'SIGKILL') =>
  async (engine: PrivateEngine): Promise<void> => {
    await engine.end(signal);
    await engine.start();
  };

const stand = async (engine: PrivateEngine): Promise<void> => {
  engine.pause();
  await sleep(PAUSE_MS);
  engine.goOn();
};

export const HALTS = {
  ended: { title: 'is ended and started again', does: restart('SIGTERM') },
  killed: { title: 'is killed and started again', does: restart('SIGKILL') },
  paused: { title: `stands still for ${PAUSE_MS / 1_000} s`, does: stand },
  silent: { title: 'stands still for longer than every deadline', does: stand, deadlines: IMPATIENT },
} as const satisfies Record<string, Halt>;

/** The request is handed over first, so that the halt comes while the engine carries it out. */
export const halting =
  (engine: PrivateEngine, halt: Halt, over: (done: Promise<void>) => void): Handler =>
  async (exchange) => {
    if (halt.deadlines) {
      engine.pause();
      exchange.pass();
    } else await exchange.passOn();
    const done = halt.does(engine);
    over(done);
    await done;
  };
