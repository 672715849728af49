import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.js';

const SOCKET = 'LOCK.sock';

/** Time in which a second starter that also took the old socket for a dead one would have replaced ours. */
const SETTLE_MS = 200;

/**
 * The lock where there is no flock(1): a listening unix socket. Connecting to it succeeds while its process lives,
 * stopped or not, and is refused once that is dead; only then is it replaced.
 */
export const holdSocket = async (
  folder: string,
  log: Pick<Log, 'warn'>,
): Promise<{ release(): Promise<void> } | 'held'> => {
  log.warn('flock(1) is not installed: the state folder is locked by a listening socket instead');
  const path = join(folder, SOCKET);
  if (await answers(path)) return 'held';
  await rm(path, { force: true });
  const server = await listen(path);
  if (server === undefined) return 'held';
  await chmod(path, 0o600);
  const { ino } = await lstat(path);
  await sleep(SETTLE_MS);
  const now = await lstat(path).catch(() => undefined);
  if (now?.ino === ino) return { release: () => close(server) };
  server.unref();
  return 'held';
};

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(false) : reject(error),
    );
  });

const listen = (path: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
