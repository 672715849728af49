import { request } from 'node:http';
import type { Link } from './ssh-link.js';

/** The engine's socket on the host, and what its user is called in messages. */
export type RemoteSocket = { readonly path: string; readonly user: string; readonly ms: number };

type Ping = 'answered' | 'cut' | 'silent';

/** Any answer in HTTP will do: it shows that an engine's socket is at the other end. */
const ping = (socketPath: string, ms: number): Promise<Ping> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', agent: false });
    const done = (how: Ping) => {
      clearTimeout(timer);
      resolve(how);
      asked.destroy();
    };
    const timer = setTimeout(() => done('silent'), ms);
    asked.once('response', () => done('answered'));
    asked.on('error', () => done('cut'));
    asked.end();
  });

/** Exit codes that no shell gives by itself. */
const MISSING = 41;
const NO_SOCKET = 42;
const FORBIDDEN = 43;
const LOOK = `test -e "$1" || exit ${MISSING}; test -S "$1" || exit ${NO_SOCKET}; test -r "$1" && test -w "$1" || exit ${FORBIDDEN}`;

const FORWARDING =
  'start the engine, or let sshd allow it: AllowStreamLocalForwarding yes and AllowTcpForwarding yes (or local), DisableForwarding no, and no `restrict` at the key without `port-forwarding`';

/**
 * Why the host did not open the engine's socket, in one sentence. sshd answers every such case with the same words
 * (`open failed`), so the host itself is asked.
 */
const whyRefused = async (link: Link, { path, user, ms }: RemoteSocket): Promise<string> => {
  const look = await link.run(['sh', '-c', LOOK, 'look', path], ms);
  const code = look.kind === 'ran' ? look.exitCode : undefined;
  if (code === MISSING)
    return `there is no ${path} on the host; start its engine, or name the socket in ssh://…/path`;
  if (code === NO_SOCKET) return `${path} on the host is no socket; name the engine's in ssh://…/path`;
  if (code === FORBIDDEN)
    return `${user} may not use ${path} on the host; put that user into the socket's group (usually docker)`;
  if (code === 0)
    return `the host did not forward ${path}, though it is there and ${user} may use it: either no engine listens on it, or sshd forbids forwarding; ${FORWARDING}`;
  return `the host did not forward ${path}: it is not there, ${user} may not use it, no engine listens on it, or sshd forbids forwarding; ${FORWARDING}`;
};

/** Rejects with the reason in one sentence where no engine answers at the forwarded socket. */
export const meetEngine = async (link: Link, socket: RemoteSocket): Promise<void> => {
  const how = await ping(link.socketPath, socket.ms);
  if (how === 'answered') return;
  const lost = await link.lastWordsSoon();
  if (lost !== undefined) throw new Error(lost);
  throw new Error(
    how === 'cut'
      ? await whyRefused(link, socket)
      : `the engine behind ${socket.path} did not answer within ${socket.ms / 1_000} s`,
  );
};
