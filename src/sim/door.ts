import { createServer } from 'node:http';
import type { HttpAnswer } from './image.js';

/** A real HTTP port of one running container. */
export type Door = { close(): Promise<void> };

/** Answers requests; `undefined` cuts the connection, as a process does that is just going away. */
export type Answering = (path: string) => HttpAnswer | undefined;

/**
 * Listens at once or answers with what the operating system says (`EADDRINUSE`). Connections are not kept alive,
 * so that a prober sees the moment at which a port closes.
 */
export const openDoor = (at: { address: string; port: number }, answer: Answering): Promise<Door | string> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const given = answer(request.url ?? '/');
      if (!given) return void request.socket.destroy();
      response.writeHead(given.status, { 'content-type': 'application/json', connection: 'close' });
      response.end(given.body);
    });
    const close = (): Promise<void> =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    server.once('error', (error) => resolve(error.message));
    server.listen(at.port, at.address, () => resolve({ close }));
  });
