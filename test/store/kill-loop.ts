import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { randomFrom } from '../../src/sim/random.js';
import { openStore } from '../../src/store/store.js';
import { verify } from '../../src/store/verify.js';
import { notesOf } from './folder.js';

export type KillLoop = {
  /** The compiled appender. */
  readonly program: string;
  readonly folder: string;
  readonly seed: number;
  /** SIGKILLs of a process. */
  readonly kills: number;
  /** Journals that the process is writing at that moment. */
  readonly journals: number;
};

/** `begun` and `killed`: lives of a process and SIGKILLs of it, however many journals it was writing. */
export type Losses = {
  begun: number;
  killed: number;
  acknowledged: number;
  lost: string[];
  failedStarts: string[];
};

export const noLosses = (): Losses => ({ begun: 0, killed: 0, acknowledged: 0, lost: [], failedStarts: [] });

export type Journal = { readonly folder: string; newest: number };

/** One life of a process, killed after it has said `lines` lines. */
export const oneLife = async (
  program: string,
  journals: readonly Journal[],
  { lines, losses }: { lines: number; losses: Losses },
) => {
  const child = spawn(process.execPath, [program, ...journals.map(({ folder }) => folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  losses.begun += 1;
  const ended = once(child, 'exit');
  let said = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    said += 1;
    const [, opened, which = '', seq = ''] = /^(open )?(\d+) (\d+)$/.exec(line) ?? [];
    const journal = journals[Number(which)];
    if (which === '' || !journal) losses.failedStarts.push(line);
    else if (opened && Number(seq) < journal.newest)
      losses.lost.push(`${journal.folder}: ${journal.newest} was acknowledged, ${seq} are there`);
    else {
      if (!opened) losses.acknowledged += 1;
      journal.newest = Math.max(journal.newest, Number(seq));
    }
    if (said === lines || losses.failedStarts.length > 0) child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  if (signal === 'SIGKILL') losses.killed += 1;
};

export const lookAt = async ({ folder, newest }: Journal, losses: Losses): Promise<void> => {
  const verdict = await verify(folder);
  if (!verdict.ok) losses.failedStarts.push(`${verdict.file}, line ${verdict.line}: ${verdict.why}`);
  const log = { warn: () => undefined, error: () => undefined };
  const store = await openStore({ folder, log, reserveBytes: 0 });
  const { seq } = store.head();
  const whole = Array.from({ length: seq - 1 }, (_, at) => `note ${at + 2}`);
  if (seq < newest || notesOf(store).join() !== whole.join())
    losses.lost.push(`${folder}: ${seq} of ${newest}`);
  await store.close();
};

/** Kills a process that writes several journals again and again, and counts what it had acknowledged and what is gone. */
export const killLoop = async ({ program, folder, seed, kills, journals }: KillLoop): Promise<Losses> => {
  const random = randomFrom(seed, 'kills');
  const losses = noLosses();
  const all = Array.from(
    { length: journals },
    (_, at): Journal => ({ folder: join(folder, `state-${at}`), newest: 0 }),
  );
  // In a third of all lives some journals are still being opened.
  for (let life = 0; life < kills; life += 1)
    await oneLife(program, all, {
      lines: random.between(1, random.chance(0.3) ? journals : journals * 25),
      losses,
    });
  for (const journal of all) await lookAt(journal, losses);
  return losses;
};
