import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
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
  /** The epoch of the process that held the folder before; 0 where none is written. */
  readonly epoch: number;
  /** Writes our pid and epoch into `LOCK`; called once the journal's first file is there. */
  mark(epoch: number): void;
  /** Why this process does not hold the folder any more; asked before every write. Throws where that cannot be told. */
  lost(): string | undefined;
  release(): Promise<void>;
};

export type LockOptions = { readonly folder: string; readonly log: Pick<Log, 'warn'> };

/** Takes a state folder for this process, or refuses with `state-locked`. */
export type TakeLock = (options: LockOptions) => Promise<Lock>;

/** A fixed length that holds any pid and epoch, so that rewriting `LOCK` never leaves it empty. */
const WIDTH = 32;

/**
 * The kernel's flock belongs to the open file: a stopped process keeps it, a killed one loses it, and a second open in
 * the same process does not share it (flock(2)).
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
      const before = readFileSync(path, 'latin1');
      const socket = lockFile(fd, program) ?? (await holdSocket(folder, log));
      if (socket === 'held') throw locked(folder, holderIn(before).pid);
      if (replaced(fd, path)) throw locked(folder, '');
      let ours = before;
      return {
        used: before.trim() !== '',
        epoch: holderIn(before).epoch,
        mark: (epoch) => {
          ours = `${`${process.pid} ${epoch}`.padEnd(WIDTH - 1)}\n`;
          writeSync(fd, ours, 0);
        },
        lost: () => whyLost(fd, path, ours),
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

const holderIn = (content: string): { readonly pid: string; readonly epoch: number } => {
  const [, pid = '', epoch = '0'] = /^(\d+)(?: (\d+))?\s*$/.exec(content) ?? [];
  return { pid, epoch: Number(epoch) };
};

const replaced = (fd: number, path: string): boolean => fstatSync(fd).ino !== statSync(path).ino;

/** Read from the open file: a process that has used up its file descriptors still learns whether it holds the folder. */
const contentOf = (fd: number): string => {
  const { size } = fstatSync(fd);
  const bytes = Buffer.alloc(size);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, size, 0));
};

/** A person may have removed `LOCK` while this process was stopped: then flock(2) no longer keeps others out. */
const whyLost = (fd: number, path: string, ours: string): string | undefined => {
  try {
    if (replaced(fd, path)) return `${path} was replaced`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${path} is gone`;
    throw error;
  }
  const now = contentOf(fd);
  const { pid, epoch } = holderIn(now);
  return now === ours ? undefined : `${path} names the process ${pid}, epoch ${epoch}`;
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
