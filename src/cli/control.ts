import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import type { Command } from '../command.js';
import { Refusal } from '../errors.js';
import { connect } from './client.js';
import { type Answer, LONGEST_PATH, requestSchema, socketPath } from './protocol.js';
import { type Request, runSession } from './session.js';
import { errorText, type Redact, spoken } from './spoken.js';

export type Control = {
  readonly app: App;
  readonly commands: readonly Command[];
  /** The state folder; the socket goes into its folder `control`. */
  readonly folder: string;
  readonly redact: Redact;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

const parseRequest = (line: string): Request => {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    throw new Refusal(
      'bad-arguments',
      'The request is not one line of JSON with words and login.',
      'Use the stackswap command of the same version as the bot.',
    );
  }
};

const firstLine = async (socket: Socket): Promise<string> => {
  const lines = createInterface({ input: socket });
  // Readline repeats an error of its input, also when the loop is over; nobody listening would end the bot.
  lines.on('error', () => lines.close());
  for await (const line of lines) return line;
  throw new Refusal('bad-arguments', 'The connection ended before a request came.', 'Ask again.');
};

const serveOne = async (
  { app, commands, redact, log }: Control,
  socket: Socket,
  left: AbortSignal,
): Promise<void> => {
  const send = (answer: Answer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };
  const say = (text: string): void => send({ text });
  try {
    const request = parseRequest(await firstLine(socket));
    log.info({ login: request.login, verb: request.words[0] }, 'command line');
    send({ exit: await runSession({ app, commands, request, say, redact, left, alone: false }) });
  } catch (error) {
    say(spoken(errorText(error), redact));
    send({ exit: 1 });
  }
  socket.end();
};

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** A socket file without a listener is what a killed process leaves behind; with one, the folder is taken. */
const clearStale = async (folder: string): Promise<void> => {
  const listener = await connect(folder);
  listener?.destroy();
  if (listener)
    throw new Refusal(
      'state-locked',
      `Another Stackswap listens at ${socketPath(folder)}.`,
      'Use that one, or stop it first.',
    );
  await rm(socketPath(folder), { force: true });
};

/**
 * Serves command lines of this machine over a unix socket in a folder of mode 0700. Throws `state-locked` where
 * another process serves it already. `stop` ends the waiting of those connected; runs are left as they are.
 */
export const serveControl = async (control: Control): Promise<{ stop(): Promise<void> }> => {
  const path = socketPath(control.folder);
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new Refusal(
      'bad-config',
      `STACKSWAP_STATE is too long for a unix socket: ${path}.`,
      `The whole path may have ${LONGEST_PATH} bytes: choose a shorter folder.`,
    );
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  await clearStale(control.folder);
  const sessions = new Map<Promise<void>, AbortController>();
  const server = createServer((socket) => {
    const left = new AbortController();
    socket.on('error', (error) => control.log.warn({ error: error.message }, 'control socket'));
    socket.once('close', () => left.abort());
    const session = serveOne(control, socket, left.signal).finally(() => sessions.delete(session));
    sessions.set(session, left);
  });
  await listen(server, path);
  await chmod(path, 0o600);
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const left of sessions.values()) left.abort();
    await Promise.all(sessions.keys());
    await closed;
  };
  return { stop };
};
