import { type ChildProcess, spawn } from 'node:child_process';
import { OUTPUT_CAP, tailOf } from './output.js';

/**
 * A shell between the bot and ssh. It ends ssh, the jump hosts' too, as soon as the pipe from the bot closes, so that a
 * bot that was killed leaves neither a process nor a folder; and it shields ssh from the signals of a terminal or of
 * `systemctl stop`, which reach every process of the bot's unit while a call is still to be finished. The watcher
 * uses `read`, which is the shell's own, because a `cat` would outlive it.
 */
const GUARD = [
  "trap '' HUP INT QUIT TERM",
  'folder=$1; shift',
  'exec 3<&0',
  '{ read -r _ <&3; rm -rf -- "$folder"; kill -KILL "-$$"; } >/dev/null 2>&1 &',
  '"$@" </dev/null 3<&-',
  'rm -rf -- "$folder"',
  'kill -KILL "-$$"',
].join('\n');

const SHIELD = 'trap "" HUP INT QUIT TERM; exec "$@"';

/** ssh gets only what it needs to find itself, the user's own files and the agent. */
const sshEnvironment = (): NodeJS.ProcessEnv => {
  const kept = ['HOME', 'PATH', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: 'C', SHELL: '/bin/sh', SSH_ASKPASS_REQUIRE: 'never' };
};

export type SshProcess = {
  /** Resolves once the process is gone; never rejects. `code` is absent where a signal ended it. */
  readonly ended: Promise<{ code: number | undefined; stderr: string; output: string }>;
  /** Resolves with the first byte on stdout. */
  readonly spoke: Promise<void>;
  /** The end of what was written to stderr so far. */
  readonly stderr: () => string;
  /** At once; safe to repeat. */
  readonly kill: () => void;
};

/** A process group of its own: signals to the bot's do not reach it, and it is ended as a whole. */
const killGroup = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const followed = (child: ChildProcess): SshProcess => {
  const [stderr, output] = [tailOf(OUTPUT_CAP), tailOf(OUTPUT_CAP)];
  child.stdout?.on('data', output.push);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    output.push(chunk);
  });
  return {
    ended: new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ code: undefined, stderr: message, output: '' }));
      child.once('close', (code) =>
        resolve({ code: code ?? undefined, stderr: stderr.text(), output: output.text() }),
      );
    }),
    spoke: new Promise((resolve) => child.stdout?.once('data', () => resolve())),
    stderr: stderr.text,
    kill: () => {
      child.stdin?.destroy();
      killGroup(child);
    },
  };
};

/** An ssh that lasts as long as the bot, and takes its folder along when it ends. */
export const lastingSsh = (folder: string, args: readonly string[]): SshProcess =>
  followed(
    spawn('/bin/sh', ['-c', GUARD, 'stackswap', folder, 'ssh', ...args], {
      detached: true,
      env: sshEnvironment(),
    }),
  );

/** An ssh for one command; it ends with the lasting one that it speaks through. */
export const shortSsh = (args: readonly string[]): SshProcess =>
  followed(
    spawn('/bin/sh', ['-c', SHIELD, 'stackswap', 'ssh', ...args], {
      detached: true,
      env: sshEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
