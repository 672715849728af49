import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../../src/config.js';
import { messageOf, Refusal } from '../../../src/errors.js';
import { LOCK_FILE } from '../../../src/store/lock.js';
import { bornOver } from '../bot.js';
import type { Exchange } from '../wire.js';
import type { Does } from './faulty.js';
import { isChange } from './intents.js';
import { lifeOf } from './kills.js';
import { type Chosen, newestRun, takenUp } from './person.js';
import type { Stand } from './stand.js';
import type { Outcome, Scene, Trial } from './trials.js';
import { containersOf, journalProblems, problemsOf } from './verdict.js';

export type Pause = {
  readonly does: Does;
  /** The changing request at which the bot is stopped, counted from 1. */
  readonly at: number;
  readonly chosen: Chosen;
};

/** All that a holder could change, as it stands in the engine. */
const pictureOf = async (stand: Stand): Promise<string> =>
  JSON.stringify(
    (await containersOf(stand)).map(({ Id, Name, State, HostConfig }) => [
      Name,
      Id,
      State.Running,
      State.StartedAt,
      HostConfig.RestartPolicy,
    ]),
  );

/** The kernel says of a process that was stopped by a signal that it is in the state T (proc(5)). */
const untilStopped = async (pid: number | undefined): Promise<void> => {
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await sleep(10);
};

/** The kernel keeps the lock for a process that is only stopped, so nobody takes the folder over by themselves. */
const refusedProblems = async ({ configFile, state }: Stand): Promise<string[]> => {
  try {
    const { app } = await bornOver({ config: readConfig(configFile), state });
    await app.close();
    return ['another bot took the folder of one that was stopped'];
  } catch (error) {
    return error instanceof Refusal && error.code === 'state-locked' ? [] : [messageOf(error)];
  }
};

/** Stops a bot while a change is on the wire, gives its folder to another one that brings the run to an end, and wakes it. */
const paused = async (scene: Scene, { does, at, chosen }: Pause): Promise<Omit<Outcome, 'title'>> => {
  const { stand, guard, births } = scene;
  const earlier = (await newestRun(stand))?.id;
  const holder = births.next();
  let answer = (): void => undefined;
  let changes = 0;
  const stopped = new Promise<'stopped'>((resolve, reject) => {
    const strike = async (exchange: Exchange): Promise<void> => {
      holder.kill('SIGSTOP');
      await untilStopped(holder.pid);
      const bytes = await exchange.carryOut();
      answer = () => exchange.answer(bytes);
      resolve('stopped');
    };
    guard.watch(({ exchange }) => {
      changes += isChange(exchange.line) ? 1 : 0;
      return isChange(exchange.line) && changes === at ? (one) => strike(one).catch(reject) : undefined;
    });
  });
  const gone = holder.live(lifeOf(scene, does, earlier));
  const struck = (await Promise.race([stopped, gone])) === 'stopped';
  guard.watch();
  const early = struck ? await refusedProblems(stand) : [];
  // What a person does who takes the holder for dead.
  if (struck) rmSync(join(stand.state, LOCK_FILE));
  const { ends, problems } = await takenUp({ stand, does, earlier, chosen });
  const left = await pictureOf(stand);
  guard.watch();
  answer();
  holder.kill('SIGCONT');
  const { code, signal } = await gone;
  const acted = guard.asked().filter(isChange);
  const found = await pictureOf(stand);
  guard.watch();
  return {
    ends,
    struck,
    faults: struck ? 1 : 0,
    problems: [
      ...early,
      ...problems,
      ...acted.map((line) => `it woke up and asked: ${line}`),
      ...(!struck || code === 0 ? [] : [`it ended with ${code ?? signal}`]),
      ...(found === left ? [] : [`it woke up and ${left} became ${found}`]),
      ...guard.problems(),
      ...(await problemsOf(stand, ends)),
      ...(await journalProblems(stand)),
    ],
  };
};

/** One pause at each changing request. */
export const pauseTrials = (does: Does, requests: readonly string[]): readonly Trial[] =>
  requests.filter(isChange).map((line, index) => {
    const pause: Pause = { does, at: index + 1, chosen: index % 2 === 0 ? 'rollback' : 'resume' };
    return {
      from: does === 'upgrade' ? 'old' : 'new',
      title: `${does}, stopped at change ${pause.at} (${line.replaceAll(/[0-9a-f]{64}/g, '…').slice(0, 80)}), ${pause.chosen}`,
      perform: (scene) => paused(scene, pause),
    };
  });
