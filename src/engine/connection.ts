import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Dockerode from 'dockerode';

/** Where an engine listens: a unix socket, or TCP with mutual TLS (`ca`, `cert` and `key` are PEM text). */
export type DirectAddress =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly ca: string;
      readonly cert: string;
      readonly key: string;
    };

/** An engine's socket that is brought here by a connection, which has to stand before each call. */
export type ForwardedAddress = {
  /** Rejects with the reason when the engine cannot be reached; then nothing was sent to it. */
  reach(): Promise<{
    readonly socketPath: string;
    /** To be told of a call without an answer; tells why the connection ended, where that is known. */
    readonly failed: () => Promise<string | undefined>;
  }>;
};

export type Address = DirectAddress | ForwardedAddress;

/** An address, and the version of the API that is spoken there; `undefined` asks for the engine's own newest. */
export type Line = { readonly at: DirectAddress; readonly version: string | undefined };

/** One connection for one request; nothing is kept alive, because a stale one would look like a lost answer. */
export type Connection = { readonly docker: Dockerode; close(): void };

/** Time in which an answer that was read to its end still reaches its promise after the socket has closed. */
const SETTLE_MS = 200;

const agentFor = (address: DirectAddress): HttpAgent =>
  'socketPath' in address
    ? new HttpAgent({ keepAlive: false })
    : new HttpsAgent({
        keepAlive: false,
        ca: address.ca,
        cert: address.cert,
        key: address.key,
        rejectUnauthorized: true,
      });

/** docker-modem reads DOCKER_HOST and its kin even where every option is given, and some values make it throw. */
const withoutDockerHost = <T>(work: () => T): T => {
  const host = process.env.DOCKER_HOST;
  delete process.env.DOCKER_HOST;
  try {
    return work();
  } finally {
    if (host !== undefined) process.env.DOCKER_HOST = host;
  }
};

const dockerAt = ({ at, version }: Line, agent: HttpAgent): Dockerode => {
  const spoken = { agent, ...(version ? { version: `v${version}` } : {}) };
  const options =
    'socketPath' in at
      ? { socketPath: at.socketPath, protocol: 'http' as const, ...spoken }
      : { host: at.host, port: at.port, protocol: 'https' as const, ...spoken };
  return withoutDockerHost(() => new Dockerode(options));
};

/**
 * Opens nothing yet: the socket is dialled by the first request. docker-modem never settles when the connection dies
 * inside an answer (docker-modem 5.0.7, with `timeout` and `abortSignal` too), so the socket itself is watched and
 * `hungUp` is called when the peer closed it.
 */
export const openConnection = (line: Line, hungUp: () => void): Connection => {
  const agent = agentFor(line.at);
  const dial = agent.createConnection.bind(agent);
  let open = true;
  let timer: NodeJS.Timeout | undefined;
  const onClose = () => {
    if (open) timer = setTimeout(hungUp, SETTLE_MS);
  };
  agent.createConnection = (options, callback) => {
    const socket = dial(options, callback);
    socket?.once('close', onClose);
    return socket;
  };
  const close = () => {
    open = false;
    clearTimeout(timer);
    agent.destroy();
  };
  return { docker: dockerAt(line, agent), close };
};
