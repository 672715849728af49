import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { httpFor } from '../../src/openstack/http.js';
import { certificatesIn } from '../e2e/tls-front.js';

let folder: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-http-'));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rm(folder, { recursive: true }));

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};

const tls = (ca: string | undefined, verify = true) => ({ tls: { ca, verify } });

test('a certificate is checked against the cacert, and against nothing where verify is false', async () => {
  const files = certificatesIn(folder, 'cloud');
  const [cert, key, ca] = await Promise.all(
    [files.cert, files.key, files.ca].map((file) => readFile(file, 'utf8')),
  );
  const server = createHttps({ cert, key }, (_request, response) => response.end('{"well":true}'));
  const url = `https://127.0.0.1:${await listening(server)}/`;
  expect((await httpFor(tls(ca))({ url })).body).toEqual({ well: true });
  expect((await httpFor(tls(undefined, false))({ url })).status).toBe(200);
  await expect(httpFor(tls(undefined))({ url })).rejects.toThrow(/cannot be asked \(.*(CERT|UNABLE)/);
});

test('an answer that never ends is given up in time', async () => {
  const server = createTcp((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
  });
  const url = `http://127.0.0.1:${await listening(server)}/`;
  const began = performance.now();
  await expect(httpFor(tls(undefined), 200)({ url })).rejects.toThrow('gives no answer in 0.2 s');
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('an answer without an end in size is cut', async () => {
  const server = createTcp((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
    for (let mebibytes = 0; mebibytes < 8; mebibytes += 1) socket.write(Buffer.alloc(1_048_576, 120));
  });
  const url = `http://127.0.0.1:${await listening(server)}/`;
  await expect(httpFor(tls(undefined), 5_000)({ url })).rejects.toThrow('answers with more than 4 MiB');
});

test('each question takes a connection of its own, so that it meets the process that runs now', async () => {
  let connections = 0;
  const server = createTcp((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
  });
  const url = `http://127.0.0.1:${await listening(server)}/`;
  const http = httpFor(tls(undefined));
  await http({ url });
  await http({ url });
  expect(connections).toBe(2);
});

test('a port that nobody listens at is said so', async () => {
  await expect(httpFor(tls(undefined))({ url: 'http://127.0.0.1:9/' })).rejects.toThrow(
    'refuses connections',
  );
});
