import { userInfo } from 'node:os';
import { onTestFinished } from 'vitest';
import { type HostConfig, parseConfig, type SshConfig } from '../../src/config.js';
import type { DockerOptions } from '../../src/engine/docker.js';
import { type ReachedHost, reachHost } from '../../src/engine/hosts.js';
import type { SshOptions } from '../../src/engine/ssh.js';
import type { HostShell } from '../../src/engine/units.js';
import type { Sshd } from './sshd.js';

export const USER = userInfo().username;

export type Way = {
  readonly socket?: string;
  readonly ssh?: Partial<SshConfig>;
  readonly port?: number;
  readonly options?: SshOptions & Pick<DockerOptions, 'deadlines' | 'env'>;
};

/** A host as the hosts file has it, behind the given sshd, which lets it in with its own key. */
export const hostFor = (sshd: Sshd, { socket = '', ssh = {}, port = sshd.port }: Way = {}): HostConfig => {
  const host = {
    name: 'control1',
    engine: `ssh://${USER}@127.0.0.1:${port}${socket}`,
    ssh: { key: sshd.key, known_hosts: sshd.knownHosts, ...ssh },
  };
  const [configured] = parseConfig(JSON.stringify({ channel: 'C1', hosts: [host] }), 'the test').hosts;
  if (!configured) throw new Error('no host');
  return configured;
};

/** Such a host, whose connection is closed when the test ends. */
export const reached = (sshd: Sshd, way: Way = {}): ReachedHost => {
  const made = reachHost(hostFor(sshd, way), way.options);
  onTestFinished(made.close);
  return made;
};

export const shellOf = ({ shell }: ReachedHost): HostShell => {
  if (!shell) throw new Error('the host has no shell');
  return shell;
};
