import { readFileSync } from 'node:fs';
import type { HostConfig } from '../config.js';
import { messageOf, Refusal } from '../errors.js';
import type { Address } from './connection.js';
import { type DockerOptions, dockerEngine } from './docker.js';
import type { Engine } from './port.js';

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

/**
 * The engine of a configured host. The server's certificate is always verified, and nothing of DOCKER_HOST and its
 * kin is read. Throws `Refusal` for what cannot be an engine's address.
 */
export const engineFor = (
  host: HostConfig,
  options: Pick<DockerOptions, 'deadlines' | 'env'> = {},
): Engine => {
  if (host.engine.startsWith('unix://'))
    return dockerEngine({
      ...options,
      host: host.name,
      address: { socketPath: host.engine.slice('unix://'.length) },
    });
  if (host.engine.startsWith('tcp://'))
    return dockerEngine({ ...options, host: host.name, address: tlsAddress(host) });
  return refuse(
    host,
    `${host.engine} is a simulated engine, which exists in the demo only`,
    'Use unix:///path or tcp://host:port.',
  );
};
