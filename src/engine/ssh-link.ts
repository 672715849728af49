import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILES, type SshRoute, sshFiles, TARGET } from './ssh-config.js';
import { lastingSsh, type SshProcess, shortSsh } from './ssh-process.js';
import { reasonOf } from './ssh-reason.js';

/** How a command on the host ended: `lost` when it may or may not have run, `unsent` when it was not even begun. */
export type CommandEnd =
  | { readonly kind: 'ran'; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'lost' | 'unsent'; readonly why: string };

/** One verified connection to a host, with its engine's socket brought here. */
export type Link = {
  readonly socketPath: string;
  /** Why it ended; `undefined` while it lasts. */
  readonly lastWords: () => string | undefined;
  /** The same, a moment after something over it was cut: the sockets close before ssh has ended. */
  readonly lastWordsSoon: () => Promise<string | undefined>;
  readonly run: (command: readonly string[], timeoutMs: number) => Promise<CommandEnd>;
  /** Whether the host still answers over it; false only when ssh itself has ended. Takes as long as ssh's own patience. */
  readonly holds: () => Promise<boolean>;
  readonly end: () => Promise<void>;
};

/** ssh appends 17 bytes to the control socket's path while it makes it; a socket's path has 107 at most (unix(7)). */
const LONGEST_FOLDER = 80;
const END_MS = 2_000;
const SOON_MS = 500;
/** ssh's own failures end with 255, and so does a command that a signal ended. */
const SSH_FAILED = 255;
/** The request went out and its answer was cut; ssh then dials by itself as if nothing had been asked (mux.c). */
const ANSWER_CUT = 'read from master failed';

const privateFolder = (): string => {
  const base = tmpdir();
  const fits = /^\/[\w./-]*$/.test(base) && base.length + '/stackswap-XXXXXX'.length <= LONGEST_FOLDER;
  return mkdtempSync(join(fits ? base : '/tmp', 'stackswap-'));
};

/** For a POSIX shell, whatever the argument holds. */
export const shellQuoted = (command: readonly string[]): string =>
  command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/**
 * Without its master an ssh would dial by itself, past everything that was verified; here it then finds only a proxy
 * that says `unsent`.
 */
const commandArgs = (control: string, unsent: string, command: readonly string[]): string[] => [
  ...['-F', 'none', '-S', control, '-T', '-o', 'ControlMaster=no', '-o', 'BatchMode=yes'],
  ...['-o', 'StrictHostKeyChecking=yes', '-o', `ProxyCommand=echo ${unsent} >&2`],
  ...[TARGET, '--', shellQuoted(command)],
];

const after = async (ms: number): Promise<undefined> => {
  await sleep(ms, undefined, { ref: false });
  return undefined;
};

/** What ssh said in front of our own word: `Session open refused by peer` where sshd's MaxSessions is reached. */
const firstLine = (stderr: string, unsent: string): string =>
  stderr.split(unsent)[0]?.trim().split(/\r?\n/)[0] || 'it is gone';

const runOver = async (
  control: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<CommandEnd> => {
  const unsent = `unsent-${randomBytes(8).toString('hex')}`;
  const ssh = shortSsh(commandArgs(control, unsent, command));
  const end = await Promise.race([ssh.ended, after(timeoutMs)]);
  ssh.kill();
  if (!end) return { kind: 'lost', why: `no end within ${timeoutMs / 1_000} s` };
  if (end.code !== undefined && end.code !== SSH_FAILED)
    return { kind: 'ran', exitCode: end.code, output: end.output };
  if (end.stderr.includes(unsent) && !end.stderr.includes(ANSWER_CUT))
    return { kind: 'unsent', why: `the SSH connection took no command: ${firstLine(end.stderr, unsent)}` };
  return { kind: 'lost', why: 'the SSH connection was cut, or a signal ended the command' };
};

const linkOver = (ssh: SshProcess, folder: string, patienceMs: number): Link => {
  let words: string | undefined;
  const ended = ssh.ended.then(({ stderr }) => {
    words = reasonOf(stderr);
  });
  const run: Link['run'] = (command, timeoutMs) => runOver(join(folder, FILES.control), command, timeoutMs);
  return {
    socketPath: join(folder, FILES.engine),
    lastWords: () => words,
    lastWordsSoon: async () => {
      await Promise.race([ended, after(SOON_MS)]);
      return words;
    },
    run,
    holds: async () => {
      const end = await Promise.race([run(['true'], patienceMs), ended]);
      // A master that is just dying still stands in the list of processes.
      if (end?.kind !== 'ran') await Promise.race([ended, after(END_MS)]);
      return words === undefined;
    },
    end: async () => {
      ssh.kill();
      await Promise.race([ended, after(END_MS)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Connects and verifies. Rejects with the reason in one sentence; nothing is left then. `openMs` is for all hops together. */
export const openLink = async (route: SshRoute, openMs: number): Promise<Link> => {
  const folder = privateFolder();
  const { config, pinned } = sshFiles(route, folder);
  const configPath = join(folder, FILES.config);
  writeFileSync(configPath, config, { mode: 0o600 });
  writeFileSync(join(folder, FILES.pinned), pinned, { mode: 0o600 });
  const ssh = lastingSsh(folder, ['-N', '-F', configPath, TARGET]);
  const link = linkOver(ssh, folder, route.aliveSeconds * 5_000);
  const first = await Promise.race([
    ssh.spoke.then(() => 'up' as const),
    ssh.ended.then(() => 'ended' as const),
    after(openMs),
  ]);
  if (first === 'up') return link;
  await link.end();
  throw new Error(first ? (link.lastWords() ?? 'ssh ended') : `no SSH connection within ${openMs / 1_000} s`);
};
