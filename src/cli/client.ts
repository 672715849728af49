import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Refusal } from '../errors.js';
import { answerSchema, LONGEST_PATH, socketPath } from './protocol.js';
import type { Request } from './session.js';

const ABSENT = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'];

/** `undefined` where nobody listens: no bot runs on this state folder, or one died and left its socket behind. */
export const connect = (stateFolder: string): Promise<Socket | undefined> =>
  new Promise((resolve, reject) => {
    const path = socketPath(stateFolder);
    if (Buffer.byteLength(path) > LONGEST_PATH) return resolve(undefined);
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (ABSENT.includes(error.code ?? '')) resolve(undefined);
      else if (error.code === 'EACCES')
        reject(
          new Refusal(
            'not-connected',
            `${path} may not be opened by this account.`,
            'Run this as the bot’s account, for example with sudo -u.',
          ),
        );
      else reject(error);
    });
  });

/** Hands a command line to the bot and passes on what it says. Returns the exit code. */
export const askBot = async (
  socket: Socket,
  request: Request,
  say: (text: string) => void,
): Promise<number> => {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  // Readline repeats an error of its input; a bot that dies ends the loop either way, without an exit code.
  lines.on('error', () => lines.close());
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of lines) {
      const answer = answerSchema.parse(JSON.parse(line));
      if ('exit' in answer) return answer.exit;
      say(answer.text);
    }
  } finally {
    socket.destroy();
  }
  throw new Refusal(
    'not-connected',
    'The bot ended the connection before it had answered.',
    'Its journal holds what was done: ask again with "stackswap status".',
  );
};
