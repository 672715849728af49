import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOGS, RUN } from '../places.js';

const STOP_WITHIN_MS = 40_000;

type DaemonOptions = {
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ready: () => Promise<boolean>;
  readonly withinMs?: number;
};

const pidFile = (name: string): string => join(RUN, `${name}.pid`);
export const logOf = (name: string): string => join(LOGS, `${name}.log`);

const tailOf = async (name: string): Promise<string> =>
  (await readFile(logOf(name), 'utf8').catch(() => '')).slice(-1_500);

/** A number in a file may be another process by now: ours writes to its log. (sshd overwrites its environment.) */
const isOurs = async (name: string, pid: number): Promise<boolean> =>
  (await readlink(`/proc/${pid}/fd/2`).catch(() => '')) === logOf(name);

export const stopDaemon = async (name: string): Promise<void> => {
  const pid = Number(await readFile(pidFile(name), 'utf8').catch(() => ''));
  if (pid > 0 && (await isOurs(name, pid))) {
    process.kill(pid, 'SIGTERM');
    const end = Date.now() + STOP_WITHIN_MS;
    while ((await isOurs(name, pid)) && Date.now() < end) await sleep(100);
    if (await isOurs(name, pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(pidFile(name), { force: true });
};

/** Starts a process that outlives this one, so that a crash leaves it as a crash of a host would; waits until ready. */
export const startDaemon = async (options: DaemonOptions): Promise<void> => {
  const { name, command, words, env = {}, ready, withinMs = 30_000 } = options;
  await mkdir(LOGS, { recursive: true });
  const log = openSync(logOf(name), 'w');
  const child = spawn(command, words, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure = `it ended with ${code ?? signal}`;
  });
  child.unref();
  await writeFile(pidFile(name), String(child.pid ?? 0));
  const end = Date.now() + withinMs;
  while (!(await ready().catch(() => false))) {
    if (failure !== undefined || Date.now() > end)
      throw new Error(
        `${name} does not start: ${failure ?? `not ready after ${withinMs / 1_000} s`}\n${await tailOf(name)}`,
      );
    await sleep(100);
  }
};

/** Names of the daemons that an earlier run left. */
export const daemonsLeft = async (): Promise<readonly string[]> =>
  (await readdir(RUN).catch(() => [] as string[]))
    .filter((file) => file.endsWith('.pid'))
    .map((file) => file.slice(0, -'.pid'.length));
