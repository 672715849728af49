import type { HostConfig } from './host-config.js';

/** Where an SSH server is: a port or user that is not given is ssh's own default. */
export type SshPlace = { readonly user?: string; readonly host: string; readonly port?: number };

/** Docker's own socket, where the address names no other. */
export const USUAL_SOCKET = '/var/run/docker.sock';

const PLACE =
  /^(?:([\w.-]+)@)?(\[[\da-fA-F:.]+\]|(?=[\da-fA-F]*:[\da-fA-F.]*:)[\da-fA-F:.]+|[\w.-]+)(?::(\d+))?$/;
/** What ssh's configuration takes as it stands, without quotes, tokens or variables. */
const SOCKET = /^\/[\w.@+/-]+$/;

/** `[user@]host[:port]`; an IPv6 address needs brackets in front of a port. `undefined` for what is none. */
export const sshPlaceOf = (text: string): SshPlace | undefined => {
  const [, user, host, port] = PLACE.exec(text) ?? [];
  if (host === undefined || host.startsWith('-') || user?.startsWith('-')) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
};

const ENGINE = /^ssh:\/\/([^/?#]+)(\/[^?#]*)?$/;

/** `ssh://[user@]host[:port][/path/of/the.sock]`; `undefined` for what is none, and for one with a password. */
export const sshEngineOf = (engine: string): { place: SshPlace; socket: string } | undefined => {
  const [, authority = '', path = ''] = ENGINE.exec(engine) ?? [];
  const place = sshPlaceOf(authority);
  const socket = path === '' || path === '/' ? USUAL_SOCKET : path;
  return place && SOCKET.test(socket) ? { place, socket } : undefined;
};

/** Where a host's SSH server is; `undefined` for a host that is not reached over SSH. */
export const sshPlaceOfHost = ({ engine, ssh }: HostConfig): SshPlace | undefined =>
  engine.startsWith('ssh://')
    ? sshEngineOf(engine)?.place
    : ssh?.address === undefined
      ? undefined
      : sshPlaceOf(ssh.address);

export type SshProblem = { readonly path: string[]; readonly message: string };

/** Where a host's engine and the address of its SSH do not fit together; paths are within the host. */
export const sshProblems = ({ engine, ssh }: HostConfig): readonly SshProblem[] => {
  const overSsh = engine.startsWith('ssh://');
  const problems: SshProblem[] = [];
  if (overSsh && !sshEngineOf(engine))
    problems.push({
      path: ['engine'],
      message:
        'ssh://[user@]host[:port][/path/of/docker.sock], without a password: ssh.key or an agent says who comes',
    });
  if (overSsh && ssh?.address !== undefined)
    problems.push({
      path: ['ssh', 'address'],
      message: 'an ssh:// engine is the address already: leave one of the two out',
    });
  if (!overSsh && ssh && ssh.address === undefined)
    problems.push({
      path: ['ssh', 'address'],
      message: 'is missing: the engine is not ssh://, so ssh needs an address of its own',
    });
  return problems;
};

/** `${…}` would be filled in by ssh from its environment, and a quote would end the setting. */
export const isPlainPath = (path: string): boolean => path !== '' && !/["'\\\p{Cc}]|\$\{/u.test(path);
