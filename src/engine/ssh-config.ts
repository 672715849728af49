import type { SshConfig } from '../host-config.js';
import type { SshPlace } from '../ssh-place.js';
import { sshPlaceOf } from '../ssh-place.js';

/** What a connection is made from. Paths of `folder` are short and plain: a unix socket's path has 107 bytes at most. */
export type SshRoute = {
  /** Name of the host in the hosts file; a pinned key is kept under it. */
  readonly name: string;
  readonly place: SshPlace;
  readonly ssh: SshConfig | undefined;
  /** Socket on the host that is forwarded; absent where only commands are run. */
  readonly socket: string | undefined;
  /** Seconds of silence until the server is asked for a sign of life; after three unanswered ones it is given up. */
  readonly aliveSeconds: number;
};

/** Names of what lies in a connection's private folder. */
export const FILES = { config: 'config', pinned: 'pinned', control: 'c', engine: 'e' } as const;

/** The host's name within the generated configuration. */
export const TARGET = 'target';
/** Printed by ssh once the server is verified, we are let in, and both sockets listen. */
export const UP = 'stackswap-up';

type Settings = Readonly<Record<string, string>>;

/** `%` begins a token of ssh_config(5). */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

const block = (name: string, settings: Settings): string =>
  [`Host ${name}`, ...Object.entries(settings).map(([key, value]) => `  ${key} ${value}`), ''].join('\n');

const placeSettings = ({ host, port, user }: SshPlace): Settings => ({
  HostName: host,
  ...(port === undefined ? {} : { Port: String(port) }),
  ...(user === undefined ? {} : { User: user }),
});

const identitySettings = ({ key, agent }: Partial<SshConfig>): Settings => ({
  ...(key === undefined ? {} : { IdentityFile: quoted(key), IdentitiesOnly: 'yes' }),
  ...(agent === undefined ? {} : { IdentityAgent: quoted(agent) }),
});

const knownHostsSettings = (path: string | undefined): Settings =>
  path === undefined ? {} : { UserKnownHostsFile: quoted(path), GlobalKnownHostsFile: '/dev/null' };

/**
 * For the host and for every jump host alike; ssh takes the first value that it meets, and this is the only file that it
 * reads (`-F`), in the processes for the jump hosts too (ssh.c hands `-F` on to them).
 */
const rules = ({ ssh, aliveSeconds }: SshRoute): Settings => ({
  StrictHostKeyChecking: 'yes',
  ...knownHostsSettings(ssh?.known_hosts),
  // A name server's word for a key, or a server's own offer of new ones, is not the operator's.
  VerifyHostKeyDNS: 'no',
  UpdateHostKeys: 'no',
  BatchMode: 'yes',
  PreferredAuthentications: 'publickey',
  ...identitySettings(ssh ?? {}),
  ForwardAgent: 'no',
  ForwardX11: 'no',
  RequestTTY: 'no',
  ConnectTimeout: '10',
  ConnectionAttempts: '1',
  ServerAliveInterval: String(aliveSeconds),
  ServerAliveCountMax: '3',
  LogLevel: 'INFO',
});

const forwarding = (socket: string | undefined, folder: string): Settings =>
  socket === undefined
    ? {}
    : {
        LocalForward: `${folder}/${FILES.engine} ${socket}`,
        ExitOnForwardFailure: 'yes',
        StreamLocalBindUnlink: 'yes',
        StreamLocalBindMask: '0177',
      };

const targetSettings = (route: SshRoute, folder: string): Settings => ({
  ...placeSettings(route.place),
  ...(route.ssh?.host_keys === undefined
    ? {}
    : { HostKeyAlias: route.name, ...knownHostsSettings(`${folder}/${FILES.pinned}`) }),
  ControlMaster: 'yes',
  ControlPath: `${folder}/${FILES.control}`,
  ControlPersist: 'no',
  ...forwarding(route.socket, folder),
  PermitLocalCommand: 'yes',
  LocalCommand: `echo ${UP}`,
});

/** ssh's whole configuration for one host, and the keys that are pinned for it. */
export const sshFiles = (route: SshRoute, folder: string): { config: string; pinned: string } => {
  const hops = (route.ssh?.jump ?? []).flatMap((hop) => sshPlaceOf(hop) ?? []);
  const over = (count: number): Settings => (count === 0 ? {} : { ProxyJump: `jump${count}` });
  const blocks = [
    block(TARGET, { ...targetSettings(route, folder), ...over(hops.length) }),
    ...hops.map((hop, index) => block(`jump${index + 1}`, { ...placeSettings(hop), ...over(index) })),
    block('*', rules(route)),
  ];
  const pinned = (route.ssh?.host_keys ?? []).map((key) => key.trim().split(/\s+/).slice(0, 2).join(' '));
  return {
    config: blocks.join('\n'),
    pinned: pinned.map((key) => `${route.name} ${key}\n`).join(''),
  };
};
