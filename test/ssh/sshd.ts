import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SSHD = '/usr/sbin/sshd';

/** What the tests of SSH need and this machine lacks. */
export const sshMissing = (): string | undefined => {
  if (!existsSync(SSHD)) return `there is no ${SSHD} (Debian package openssh-server)`;
  if (userInfo().uid === 0 && !existsSync('/run/sshd'))
    return 'there is no /run/sshd, which sshd asks for when root starts it';
  try {
    execFileSync('sh', ['-c', 'command -v ssh ssh-keygen ssh-agent ssh-add']);
    return undefined;
  } catch {
    return 'there is no ssh with its tools (Debian package openssh-client)';
  }
};

export const until = async (what: string, seen: () => boolean, ms = 10_000): Promise<void> => {
  for (const last = Date.now() + ms; !seen(); await sleep(20))
    if (Date.now() > last) throw new Error(`not seen within ${ms} ms: ${what}`);
};

/** A key pair without a passphrase; answers with the private key's path. */
export const makeKey = (folder: string, name: string): string => {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
  return path;
};

/** `ssh-ed25519 AAAA…` of a key pair. */
export const publicKey = (path: string): string => readFileSync(`${path}.pub`, 'utf8').trim();

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A real sshd with keys of its own, on a port of 127.0.0.1, that lets the test's user in with one key. */
export type Sshd = {
  readonly port: number;
  readonly folder: string;
  /** Private key that is let in. */
  readonly key: string;
  /** Private key of the host. */
  readonly hostKey: string;
  /** A known_hosts file with the host's key. */
  readonly knownHosts: string;
  /** How many connections got in so far. */
  readonly accepted: () => number;
  /** How many were taken, let in or not. */
  readonly dialled: () => number;
  /** Processes of the sessions, without the listener. */
  readonly sessions: () => number[];
  /** Kills the sessions' processes; the listener goes on. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
  readonly start: (hostKey?: string) => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** A file of /proc, which is gone as soon as its process is. */
const ofProcess = (path: string): string => {
  try {
    return readFileSync(`/proc/${path}`, 'utf8').trim();
  } catch {
    return '';
  }
};

const childrenOf = (pid: number): number[] =>
  ofProcess(`${pid}/task/${pid}/children`)
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => [child, ...childrenOf(child)]);

/** What a process is called; empty when it is gone. */
export const nameOf = (pid: number): string => ofProcess(`${pid}/comm`);

/** A session's process may end by itself between the look and the signal: killing its parent ends it too. */
const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const killAll = (pids: readonly number[]): void => {
  for (const pid of pids) if (nameOf(pid) === 'sshd') killIfThere(pid);
};

type Settings = {
  /** Further lines of sshd's configuration. */
  readonly extra?: readonly string[];
  /** What stands in front of the user's key in authorized_keys. */
  readonly keyOptions?: string;
  /** Shell scripts by name that commands find first. */
  readonly programs?: Readonly<Record<string, string>>;
};

const write = (
  folder: string,
  port: number,
  { extra = [], keyOptions = '', programs = {} }: Settings,
): void => {
  mkdirSync(join(folder, 'bin'));
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(folder, 'bin', name), script, { mode: 0o755 });
  writeFileSync(join(folder, 'authorized'), `${keyOptions} ${publicKey(join(folder, 'user'))}\n`.trimStart());
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'LogLevel VERBOSE',
    `SetEnv PATH=${folder}/bin:/usr/bin:/bin`,
    ...extra,
  ];
  writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
};

export const startSshd = async (settings: Settings = {}): Promise<Sshd> => {
  const folder = mkdtempSync(join(tmpdir(), 'sw-s-'));
  const [key, hostKey, port] = [makeKey(folder, 'user'), makeKey(folder, 'host'), await freePort()];
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey(hostKey)}\n`);
  write(folder, port, settings);

  let log = '';
  let child: ChildProcess | undefined;
  const lines = (word: string): number => log.split('\n').filter((line) => line.startsWith(word)).length;
  const sessions = () => childrenOf(child?.pid ?? 0);
  const cut = () => killAll(sessions());
  const start = async (hostKeyFile = hostKey): Promise<void> => {
    const before = lines('Server listening on');
    const args = ['-D', '-e', '-f', join(folder, 'sshd_config'), '-h', hostKeyFile];
    const started = spawn(SSHD, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    started.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    child = started;
    await until(`sshd on port ${port}: ${log}`, () => lines('Server listening on') > before);
  };
  const stop = async (): Promise<void> => {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    cut();
    ending.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    ...{ port, folder, key, hostKey, knownHosts, sessions, cut, start, stop },
    accepted: () => lines('Accepted publickey'),
    dialled: () => lines('Connection from'),
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
