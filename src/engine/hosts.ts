import { readFileSync } from 'node:fs';
import type { HostConfig } from '../config.js';
import { messageOf, Refusal } from '../errors.js';
import { sshEngineOf, sshPlaceOfHost } from '../ssh-place.js';
import type { Address } from './connection.js';
import { type DockerOptions, dockerEngine } from './docker.js';
import type { Engine } from './port.js';
import { type SshHost, type SshOptions, sshHost } from './ssh.js';
import type { HostShell } from './units.js';

const DEFAULT_TLS_PORT = 2376;

const refuse = (host: HostConfig, why: string, wayOut: string): never => {
  throw new Refusal('bad-config', `Host ${host.name}: ${why}.`, wayOut);
};

const readPem = (host: HostConfig, what: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(
      host,
      `its TLS ${what} cannot be read (${messageOf(error)})`,
      `Give tls.${what} of the host a readable PEM file.`,
    );
  }
};

const tlsAddress = (host: HostConfig): Address => {
  const { tls } = host;
  if (!tls)
    return refuse(host, 'tcp:// without TLS would hand out root', 'Give the host tls with ca, cert and key.');
  const url = URL.canParse(host.engine)
    ? new URL(host.engine)
    : refuse(host, `${host.engine} is no address`, 'Write tcp://host:port.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || DEFAULT_TLS_PORT),
    ca: readPem(host, 'ca', tls.ca),
    cert: readPem(host, 'cert', tls.cert),
    key: readPem(host, 'key', tls.key),
  };
};

type EngineOptions = Pick<DockerOptions, 'deadlines' | 'env' | 'learn'>;

const engineOver = (host: HostConfig, options: EngineOptions, ssh: SshHost | undefined): Engine => {
  const at = (address: Address): Engine => dockerEngine({ ...options, host: host.name, address });
  if (host.engine.startsWith('unix://')) return at({ socketPath: host.engine.slice('unix://'.length) });
  if (host.engine.startsWith('tcp://')) return at(tlsAddress(host));
  if (ssh && sshEngineOf(host.engine)) return at(ssh.address);
  if (host.engine.startsWith('ssh://'))
    return refuse(host, `${host.engine} is no address`, 'Write ssh://user@host:port/path/of/docker.sock.');
  return refuse(
    host,
    `${host.engine} is a simulated engine, which exists in the demo only`,
    'Use unix:///path, tcp://host:port or ssh://user@host.',
  );
};

/** What there is to do things on a host with. */
export type ReachedHost = {
  readonly engine: Engine;
  /** Absent for a host without SSH. */
  readonly shell?: HostShell;
  /** Ends the SSH connection, if one was made. */
  close(): Promise<void>;
};

/**
 * A configured host: its engine, and its shell where it has SSH, over one connection. Nothing is dialled yet. The
 * server's certificate or key is always verified, and nothing of DOCKER_HOST and its kin, nor of the user's ssh
 * configuration, is read. Throws `Refusal` for what cannot be an engine's address.
 */
export const reachHost = (host: HostConfig, options: EngineOptions & SshOptions = {}): ReachedHost => {
  const ssh = sshPlaceOfHost(host) ? sshHost(host, options) : undefined;
  const engine = engineOver(host, options, ssh);
  return {
    engine,
    ...(ssh ? { shell: ssh.shell } : {}),
    close: async () => {
      await ssh?.close();
    },
  };
};
