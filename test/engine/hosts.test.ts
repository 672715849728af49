import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { HostConfig } from '../../src/config.js';
import { reachHost } from '../../src/engine/hosts.js';
import { Refusal } from '../../src/errors.js';
import { type FakeEngine, fakeEngine, json } from './fake-engine.js';

const host = (engine: string, tls?: HostConfig['tls']): HostConfig => ({
  name: 'control1',
  engine,
  ports: {},
  container_prefix: '',
  config_fits: [],
  ...(tls ? { tls } : {}),
});

const engineFor = (of: HostConfig) => reachHost(of).engine;

const answers = {
  'GET /version': json(200, { Version: '20.10.24', ApiVersion: '1.41' }),
  'GET /info': json(200, { Name: 'box' }),
};
const expected = { version: '20.10.24', apiVersion: '1.41', hostname: 'box' };

let fake: FakeEngine;
beforeAll(async () => {
  fake = await fakeEngine(answers);
});
afterAll(() => fake.close());

describe('the engine of a host', () => {
  it('is reached by its unix socket, whatever DOCKER_HOST says', async () => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    for (const [DOCKER_HOST, DOCKER_CERT_PATH] of [
      ['tcp://192.0.2.1:2376', '/nowhere'],
      ['not an address', ''],
      ['unix:///nowhere', ''],
    ]) {
      Object.assign(process.env, { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY: '1' });
      expect(await engineFor(host(`unix://${fake.socketPath}`)).info()).toMatchObject(expected);
      expect(process.env.DOCKER_HOST).toBe(DOCKER_HOST);
    }
  });

  it.each(['sim:cloud', 'tcp://control1:2376'])('is refused for %s without what it needs', (engine) => {
    expect(() => engineFor(host(engine))).toThrow(Refusal);
  });

  it('is refused with the way out when a PEM file cannot be read', () => {
    const tls = { ca: '/nowhere/ca.pem', cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' };
    expect(() => engineFor(host('tcp://127.0.0.1:1', tls))).toThrow(/TLS ca cannot be read.*Give tls\.ca/);
  });
});

/** A certificate authority with a server and a client certificate, made by openssl in `folder`. */
const makeCertificates = (folder: string, ca: string, serverName: string) => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  openssl('req', '-x509', ...key, '-keyout', `${ca}-ca.key`, '-out', `${ca}-ca.pem`, '-subj', `/CN=${ca}`);
  const sign = ['-CA', `${ca}-ca.pem`, '-CAkey', `${ca}-ca.key`];
  openssl(
    'req',
    '-x509',
    ...key,
    ...sign,
    '-keyout',
    `${ca}.key`,
    '-out',
    `${ca}.pem`,
    '-subj',
    '/CN=x',
    '-addext',
    `subjectAltName=${serverName}`,
    '-addext',
    'basicConstraints=CA:FALSE',
  );
  return {
    ca: join(folder, `${ca}-ca.pem`),
    cert: join(folder, `${ca}.pem`),
    key: join(folder, `${ca}.key`),
  };
};

/** What dockerd does with --tlsverify, in front of the false engine's unix socket. */
const tlsFront = async (files: {
  ca: string;
  cert: string;
  key: string;
}): Promise<{ server: Server; port: number }> => {
  const pem = { ca: readFileSync(files.ca), cert: readFileSync(files.cert), key: readFileSync(files.key) };
  const server = createServer({ ...pem, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const behind = connect(fake.socketPath);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
    }
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
};

describe('an engine behind TLS', () => {
  let folder = '';
  let server: Server | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stackswap-tls-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => server?.close());

  const front = async (files: { ca: string; cert: string; key: string }) => {
    const made = await tlsFront(files);
    server = made.server;
    return made.port;
  };

  it('answers when each side knows the other', async () => {
    const files = makeCertificates(folder, 'good', 'IP:127.0.0.1');
    const port = await front(files);
    expect(await engineFor(host(`tcp://127.0.0.1:${port}`, files)).info()).toMatchObject(expected);
  });

  it('is not believed with a certificate of somebody else, or for another name', async () => {
    const files = makeCertificates(folder, 'mine', 'IP:127.0.0.1');
    const strange = makeCertificates(folder, 'strange', 'IP:127.0.0.1');
    const port = await front(strange);
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    await expect(engineFor(host(`tcp://127.0.0.1:${port}`, files)).info()).rejects.toThrow(
      /certificate|self.signed/i,
    );
    server?.close();
    const misnamed = makeCertificates(folder, 'misnamed', 'DNS:elsewhere');
    const other = await front(misnamed);
    await expect(engineFor(host(`tcp://127.0.0.1:${other}`, misnamed)).info()).rejects.toThrow(
      /127\.0\.0\.1/,
    );
  });
});
