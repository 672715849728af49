import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESS, HOSTS, RUN, SSH_PORT } from '../places.js';
import { startDaemon, stopDaemon } from './daemon.js';
import { program } from './program.js';

const HOME = join(RUN, 'ssh');
const SEPARATION = '/run/sshd';
const MADE_SEPARATION = join(HOME, 'made-run-sshd');

export type SshWay = { readonly key: string; readonly knownHosts: string };

const newKey = async (name: string): Promise<string> => {
  const file = join(HOME, name);
  await program('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'stackswap-openstack', '-f', file]);
  return file;
};

const configOf = (hostKey: string): string =>
  [
    ...HOSTS.map((host) => `ListenAddress ${ADDRESS[host].api}:${SSH_PORT}`),
    `HostKey ${hostKey}`,
    `PidFile ${HOME}/sshd.pid`,
    `AuthorizedKeysFile ${HOME}/authorized_keys`,
    // The folder lies below a temporary one, which others may write to.
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'AllowStreamLocalForwarding yes',
    // `no` here forbids the forwarding of sockets, too (tried on OpenSSH 9.2).
    'AllowTcpForwarding local',
    'X11Forwarding no',
    '',
  ].join('\n');

/** Debian's sshd at the addresses of both hosts, with a key of this run and nobody else's. */
export const startSshd = async (): Promise<SshWay> => {
  await mkdir(HOME, { recursive: true, mode: 0o700 });
  if (!existsSync(SEPARATION)) {
    await writeFile(MADE_SEPARATION, '');
    await mkdir(SEPARATION, { mode: 0o755 });
  }
  const [hostKey, key] = [await newKey('host_key'), await newKey('bot_key')];
  const own = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const knownHosts = join(HOME, 'known_hosts');
  await writeFile(knownHosts, HOSTS.map((host) => `[${ADDRESS[host].api}]:${SSH_PORT} ${own}\n`).join(''));
  await writeFile(join(HOME, 'authorized_keys'), await readFile(`${key}.pub`));
  await writeFile(join(HOME, 'sshd_config'), configOf(hostKey));
  const [first] = HOSTS;
  await startDaemon({
    name: 'sshd',
    // sshd runs itself again for each connection, and wants to be called by its full path.
    command: '/usr/sbin/sshd',
    words: ['-D', '-e', '-f', join(HOME, 'sshd_config')],
    ready: async () => {
      await program('ssh', [
        ...['-p', String(SSH_PORT), '-i', key, '-o', `UserKnownHostsFile=${knownHosts}`],
        ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-F', 'none'],
        ...[`root@${ADDRESS[first].api}`, 'true'],
      ]);
      return true;
    },
  });
  return { key, knownHosts };
};

export const removeSshd = async (): Promise<void> => {
  await stopDaemon('sshd');
  if (existsSync(MADE_SEPARATION)) await rmdir(SEPARATION).catch(() => undefined);
  await rm(HOME, { recursive: true, force: true });
};
