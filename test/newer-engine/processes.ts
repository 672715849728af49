import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Daemon = {
  readonly pid: number;
  /** Whether it still runs, or stands still; a process that is gone may have left its number to another. */
  alive(): boolean;
  /** A process that is gone takes no signal, and that is no failure. */
  signal(signal: NodeJS.Signals): void;
  /** Throws when it is still there after that time. */
  ended(withinMs: number): Promise<void>;
};

export type DaemonOptions = {
  readonly command: string;
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Gets what it prints, after what it printed in its earlier lives. */
  readonly log: string;
  readonly ready: () => Promise<boolean>;
  readonly withinMs: number;
};

const LOOK_MS = 20;

const tailOf = (log: string): string => readFileSync(log, 'utf8').slice(-1_500);

/** Ours is the one whose standard error is its log: a number alone may be another process by now. */
const isOurs = (pid: number, log: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/fd/2`) === log;
  } catch {
    // Gone, or a zombie: neither runs.
    return false;
  }
};

const daemonOf = (pid: number, log: string): Daemon => ({
  pid,
  alive: () => isOurs(pid, log),
  signal: (signal) => {
    if (!isOurs(pid, log)) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  },
  ended: async (withinMs) => {
    const end = Date.now() + withinMs;
    // A zombie would be taken for a dockerd that still runs: its pid file names it.
    while (existsSync(`/proc/${pid}`)) {
      if (Date.now() > end) throw new Error(`process ${pid} does not end\n${tailOf(log)}`);
      await sleep(LOOK_MS);
    }
  },
});

/** Starts a process of a session of its own, which takes no Ctrl-C, and waits until it is ready. */
export const startDaemon = async (options: DaemonOptions): Promise<Daemon> => {
  const { command, words, env, log, ready, withinMs } = options;
  const output = openSync(log, 'a');
  const child = spawn(command, words, { detached: true, stdio: ['ignore', output, output], env });
  closeSync(output);
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure = `it ended with ${code ?? signal}`;
  });
  child.unref();
  const end = Date.now() + withinMs;
  while (!(await ready().catch(() => false))) {
    if (failure !== undefined || Date.now() > end)
      throw new Error(`${command}: ${failure ?? `not ready after ${withinMs / 1_000} s`}\n${tailOf(log)}`);
    await sleep(LOOK_MS);
  }
  return daemonOf(child.pid ?? 0, log);
};
