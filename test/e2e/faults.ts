import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './wire.js';

const SLOW_MS = 400;

const reply = (status: string, body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );

/** In the middle of the body, or of the head where an answer has no body (204, as that to a start). */
const middleOf = (answer: Buffer): number => {
  const head = answer.indexOf('\r\n\r\n') + 4;
  return Math.floor(head < answer.length ? (head + answer.length) / 2 : head / 2);
};

/** What a bad connection or a sick engine does to one request. */
export const FAULTS = {
  /** The connection dies and the engine heard nothing. */
  'reset before': (exchange: Exchange) => exchange.hangUp(),
  /** It is done, and the connection dies without an answer. */
  'reset afterwards': async (exchange: Exchange) => {
    await exchange.carryOut();
    exchange.hangUp();
  },
  /** It is done, and the answer ends in its middle. */
  'cut inside the answer': async (exchange: Exchange) => {
    const answer = await exchange.carryOut();
    exchange.answer(answer.subarray(0, middleOf(answer)));
  },
  /** It is done, and the answer is a success whose body is not what the API promises. */
  'bad JSON': async (exchange: Exchange) => {
    await exchange.carryOut();
    exchange.answer(reply('200 OK', '{"Id": 17, "Warnings": <html>'));
  },
  /** It is done and never answered. */
  hang: async (exchange: Exchange) => {
    await exchange.carryOut();
  },
  /** The engine says that it failed, and did nothing. */
  'HTTP 500': (exchange: Exchange) =>
    exchange.answer(reply('500 Internal Server Error', '{"message":"made to fail by a test"}')),
  /** It arrives late and its answer later. */
  slow: async (exchange: Exchange) => {
    await sleep(SLOW_MS);
    const answer = await exchange.carryOut();
    await sleep(SLOW_MS);
    exchange.answer(answer);
  },
} as const satisfies Record<string, (exchange: Exchange) => void | Promise<void>>;

export type Fault = keyof typeof FAULTS;
