import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

/** A certificate authority and a certificate of its own for 127.0.0.1, made by openssl; the paths of the PEM files. */
export const certificatesIn = (folder: string, name: string): Certificates => {
  const path = (end: string): string => join(folder, `${name}${end}`);
  const make = (...words: string[]): unknown =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        ...words,
      ],
      { stdio: 'pipe' },
    );
  make('-keyout', path('-ca.key'), '-out', path('-ca.pem'), '-subj', `/CN=${name}`);
  make(
    ...['-CA', path('-ca.pem'), '-CAkey', path('-ca.key'), '-keyout', path('.key'), '-out', path('.pem')],
    ...[
      '-subj',
      '/CN=engine',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-addext',
      'basicConstraints=CA:FALSE',
    ],
  );
  return { ca: path('-ca.pem'), cert: path('.pem'), key: path('.key') };
};

/** What dockerd does with --tlsverify, in front of an engine's unix socket; the port of loopback it listens on. */
export const tlsFront = async (
  engine: string,
  files: Certificates,
): Promise<{ readonly port: number; close(): Promise<void> }> => {
  const open = new Set<Socket>();
  const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file));
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (client) => {
    const behind = connect(engine);
    open.add(client);
    client.pipe(behind).pipe(client);
    client.on('close', () => {
      open.delete(client);
      behind.destroy();
    });
    for (const socket of [client, behind])
      socket.on('error', () => {
        client.destroy();
        behind.destroy();
      });
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
