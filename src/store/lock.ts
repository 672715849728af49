import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../errors.js';
import type { Log } from '../log.js';
import { holdSocket } from './lock-socket.js';

export const LOCK_FILE = 'LOCK';

export type Lock = {
  /** Whether a journal was begun in this folder before: `LOCK` bears a pid. */
  readonly used: boolean;
  /** Writes our pid into `LOCK`; called once the journal's first file is there. */
  mark(): void;
  release(): Promise<void>;
};

/** Takes a state folder for this process, or refuses with `state-locked`. */
export type TakeLock = (options: LockOptions) => Promise<Lock>;

export type LockOptions = {
  readonly folder: string;
  readonly log: Pick<Log, 'warn'>;
};

/** A fixed length that holds any pid, so that rewriting `LOCK` never leaves it empty. */
const WIDTH = 16;

/**
 * Takes the folder for this process or refuses with `state-locked`, naming the process that holds it. The kernel's
 * flock belongs to the open file: a stopped process keeps it, a killed one loses it, and a second open in the same
 * process does not share it (flock(2)).
 */
export const takeLock: TakeLock = (options) => lockBy('flock')(options);

/** With flock(1) of util-linux or busybox under this name; another name is for tests. */
export const lockBy =
  (program: string): TakeLock =>
  async ({ folder, log }) => {
    const path = join(folder, LOCK_FILE);
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      fchmodSync(fd, 0o600);
      const holder = readFileSync(path, 'utf8').trim();
      const socket = lockFile(fd, program) ?? (await holdSocket(folder, log));
      const replaced = fstatSync(fd).ino !== statSync(path).ino;
      if (socket === 'held' || replaced) throw locked(folder, replaced ? '' : holder);
      return {
        used: holder !== '',
        mark: () => writeSync(fd, `${String(process.pid).padEnd(WIDTH - 1)}\n`, 0),
        release: async () => {
          if (socket !== 'ours') await socket.release();
          closeSync(fd);
        },
      };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  };

/** `undefined` where the machine has no flock(1): Node itself cannot call flock(2). */
const lockFile = (fd: number, program: string): 'ours' | 'held' | undefined => {
  const { status, error, stderr } = spawnSync(program, ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    encoding: 'utf8',
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
  if (status === 0) return 'ours';
  if (status === 1) return 'held';
  throw new Error(`flock could not lock the state folder: ${error?.message ?? stderr}`);
};

const locked = (folder: string, pid: string): Refusal => {
  const who =
    pid === ''
      ? 'another process'
      : pid === String(process.pid)
        ? `this very process (pid ${pid})`
        : `the process with pid ${pid}`;
  return new Refusal(
    'state-locked',
    `The state folder ${folder} is held by ${who}.`,
    'One bot per state folder: stop that process first, or use the command line, which talks to the running bot.',
  );
};
