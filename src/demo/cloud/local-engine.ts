import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { messageOf } from '../../errors.js';

export type LocalEngine = { readonly docker: Docker; readonly socket: string };
export type NoEngine = { readonly missing: string };

const HOW =
  'Install Docker (https://docs.docker.com/engine/install/) and let this user reach its socket, then run the demo again.';

/** The socket that DOCKER_HOST names, else Docker's own. Another machine's engine could not see this one's folder. */
const socketOf = (): string | NoEngine => {
  const named = process.env.DOCKER_HOST;
  if (!named) return '/var/run/docker.sock';
  return named.startsWith('unix://')
    ? named.slice('unix://'.length)
    : {
        missing: `DOCKER_HOST is ${named}; the demo needs an engine on this machine, by its socket. Unset it or name a socket.`,
      };
};

/** The container engine of this machine, or why there is none and what to do. */
export const localEngine = async (): Promise<LocalEngine | NoEngine> => {
  const socket = socketOf();
  if (typeof socket !== 'string') return socket;
  if (!existsSync(socket)) return { missing: `no container engine answers at ${socket}. ${HOW}` };
  try {
    await new Docker({ socketPath: socket, timeout: 3_000 }).ping();
    return { docker: new Docker({ socketPath: socket }), socket };
  } catch (error) {
    return { missing: `no container engine answers at ${socket} (${messageOf(error)}). ${HOW}` };
  }
};
