import { Agent, request } from 'undici';
import { messageOf } from '../errors.js';
import type { Access } from './access.js';

/** Longest wait for one answer, in milliseconds; a service may need seconds for its first one. */
const TIMEOUT_MS = 10_000;
/** A list of all services of a big cloud is some hundred kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;

export type HttpRequest = {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
  readonly ms: number;
};

/** No answer came at all; the message is for people. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export type Http = (request: HttpRequest) => Promise<Answer>;

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'cuts the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ENOTFOUND: 'has an unknown name',
  UND_ERR_CONNECT_TIMEOUT: 'takes no connection in time',
  UND_ERR_SOCKET: 'cuts the connection',
};

const wordsFor = (error: unknown, timeoutMs: number): string => {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `gives no answer in ${timeoutMs / 1000} s`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return CODES[code] ?? `cannot be asked (${[code, messageOf(error)].filter(Boolean).join(': ')})`;
};

const readAll = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new NoAnswer(`answers with more than ${MAX_BYTES / 1024 / 1024} MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not every error page is JSON; the text itself then says what is wrong.
    return text;
  }
};

/**
 * One request on a connection of its own, so that the answer is that of the process which runs now. Redirects are not
 * followed: a token must not go where nobody meant it to go. Rejects with `NoAnswer`.
 */
export const httpFor = ({ tls }: Pick<Access, 'tls'>, timeoutMs = TIMEOUT_MS): Http => {
  const dispatcher = new Agent({
    pipelining: 0,
    connect: {
      timeout: timeoutMs,
      rejectUnauthorized: tls.verify,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    },
  });
  return async ({ method = 'GET', url, headers = {}, body }) => {
    const began = performance.now();
    try {
      const answer = await request(url, {
        method,
        dispatcher,
        reset: true,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: 'application/json',
          'user-agent': 'stackswap',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await readAll(answer.body);
      return {
        status: answer.statusCode,
        header: (name) => [answer.headers[name]].flat()[0],
        body: parsed(text),
        ms: Math.round(performance.now() - began),
      };
    } catch (error) {
      throw error instanceof NoAnswer ? error : new NoAnswer(wordsFor(error, timeoutMs));
    }
  };
};
