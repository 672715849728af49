import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SystemdHost } from './host.js';

/** How the bot gets into a host, as the hosts file says it. */
export type SshAccess = {
  readonly engine: string;
  readonly ssh: { readonly key: string; readonly host_keys: readonly string[] };
  forget(): void;
};

/** Makes a key, lets it in as root, and pins the host's own. */
export const sshAccess = async (host: SystemdHost): Promise<SshAccess> => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-key-'));
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const mine = readFileSync(`${key}.pub`, 'utf8').trim();
  await host.sh(`echo '${mine}' >/root/.ssh/authorized_keys && chmod 600 /root/.ssh/authorized_keys`);
  const theirs = await host.sh('cat /etc/ssh/ssh_host_ed25519_key.pub');
  return {
    engine: `ssh://root@${host.address}`,
    ssh: { key, host_keys: [theirs.split(' ').slice(0, 2).join(' ')] },
    forget: () => rmSync(folder, { recursive: true }),
  };
};
