import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Signed } from './signed-bot.js';

/**
 * Milliseconds of this process' own work: what an overloaded machine gives to others meanwhile is left out. Looked at
 * with every tenth answer, since the look itself costs as much as an answer.
 */
const workMeter = () => {
  const began = process.cpuUsage();
  let looks = 0;
  let worked = 0;
  return (): number => {
    looks += 1;
    if (looks % 10 !== 1) return worked;
    const { user, system } = process.cpuUsage(began);
    worked = (user + system) / 1_000;
    return worked;
  };
};

const bytesOf = ({ body, headers }: Signed): Buffer => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST /slack/events HTTP/1.1\r\nhost: bot\r\n${lines.join('')}content-length: ${length}\r\n\r\n${body}`,
  );
};

const opened = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
};

/**
 * Writes all requests at the same moment, each on an open connection of its own, and says for each how much this process
 * worked until its answer's first byte. The bytes are made before, so that nearly all of the work is the bot's.
 */
export const atOnce = async (port: number, requests: readonly Signed[]): Promise<readonly number[]> => {
  const ready = await Promise.all(
    requests.map(async (request) => ({ bytes: bytesOf(request), socket: await opened(port) })),
  );
  const work = workMeter();
  const took = await Promise.all(
    ready.map(async ({ bytes, socket }) => {
      socket.write(bytes);
      const [answer] = await once(socket, 'data');
      const worked = work();
      const status = String(answer).slice(9, 12);
      if (status !== '200') throw new Error(`the bot answers ${status}`);
      return worked;
    }),
  );
  for (const { socket } of ready) socket.destroy();
  return took;
};
