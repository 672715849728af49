import type { IncomingMessage } from 'node:http';
import type Dockerode from 'dockerode';
import type { z } from 'zod';
import { messageOf } from '../errors.js';
import { agreed, isVersionRefused, type Offered, offered } from './api-version.js';
import { type Address, type DirectAddress, type Line, openConnection } from './connection.js';
import { silenceTimer, within } from './deadline.js';
import { asEngineError, statusOf } from './failure.js';
import { readToEnd } from './output.js';
import { EngineError } from './port.js';

export type Ask<T> = {
  /** Named in errors. */
  readonly call: string;
  readonly ms: number;
  /** What the answer must look like. */
  readonly answer?: z.ZodType<T>;
  /** Exactly one request: the connection is watched and closed with it. */
  readonly send: (docker: Dockerode) => Promise<unknown>;
};

export type Listen = {
  readonly call: string;
  /** Either for the whole answer, or (`silence`) for the longest time without a byte. */
  readonly ms: number;
  readonly silence?: boolean;
  readonly send: (docker: Dockerode) => Promise<unknown>;
  readonly onChunk: (chunk: Buffer) => void;
};

export type Calls = {
  /** One request, one checked answer. */
  ask<T = unknown>(ask: Ask<T>): Promise<T>;
  /** One request whose answer is read as it arrives. */
  listen(listen: Listen): Promise<void>;
  /** Agrees on a version of the API anew, from what the engine said of itself just now; answers with it. */
  agree(call: string, offer: Offered): string;
};

/** The engine that is meant, and how long it may take to say which versions of the API it speaks. */
export type Callee = { readonly host: string; readonly address: Address; readonly versionMs: number };

const isStream = (value: unknown): value is IncomingMessage =>
  value !== null && typeof value === 'object' && 'on' in value && 'destroy' in value;

const check = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'all of it').slice(0, 3);
  throw new Error(`the engine's answer is not what its API promises (${where.join(', ')})`);
};

const ask = async <T>(line: Line, { ms, answer, send }: Ask<T>): Promise<T> => {
  let hangUp: (error: Error) => void = () => undefined;
  const cut = new Promise<never>((_resolve, reject) => {
    hangUp = reject;
  });
  const connection = openConnection(line, () =>
    hangUp(new Error('the connection was cut before the answer was complete')),
  );
  try {
    const value = await within(ms, send(connection.docker), cut);
    return answer ? check(answer, value) : (value as T);
  } finally {
    connection.close();
  }
};

const listen = async (line: Line, { ms, silence, send, onChunk }: Listen): Promise<void> => {
  const timer = silenceTimer(ms, silence ? 'not one byte' : 'no end');
  const connection = openConnection(line, () => undefined);
  const read = async () => {
    const stream = await send(connection.docker);
    if (!isStream(stream)) throw new Error('the engine sent no stream');
    await readToEnd(stream, (chunk) => {
      if (silence) timer.pushBack();
      onChunk(chunk);
    });
  };
  try {
    await Promise.race([read(), timer.expired]);
  } finally {
    timer.stop();
    connection.close();
  }
};

type Reached = { readonly at: DirectAddress; readonly failed: () => Promise<string | undefined> };

/** Only a connection that stands is used: what could not be reached was not asked either. */
const reached = async (host: string, call: string, address: Address): Promise<Reached> => {
  if (!('reach' in address)) return { at: address, failed: () => Promise.resolve(undefined) };
  try {
    const { socketPath, failed } = await address.reach();
    return { at: { socketPath }, failed };
  } catch (error) {
    throw new EngineError(host, call, messageOf(error), false);
  }
};

/**
 * Every call on a connection of its own, with a deadline of its own; all that goes wrong becomes an `EngineError`. The
 * first one asks which versions of the API the engine speaks, and so does one that is refused for its version.
 */
export const callsTo = ({ host, address, versionMs }: Callee): Calls => {
  let spoken: string | undefined;
  const agree = (call: string, offer: Offered): string => {
    spoken = agreed(host, call, offer);
    return spoken;
  };
  const told = async <T>(call: string, { failed }: Reached, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const why = statusOf(error) === undefined ? await failed() : undefined;
      throw asEngineError(host, call, why ? new Error(`${messageOf(error)} (${why})`) : error);
    }
  };
  const versionOf = async (call: string, there: Reached): Promise<string> => {
    if (spoken !== undefined) return spoken;
    const send = (docker: Dockerode) => docker.version();
    const line = { at: there.at, version: undefined };
    const offer = await told(call, there, ask(line, { call, ms: versionMs, answer: offered, send }));
    return agree(call, offer);
  };
  const over = async <T>(call: string, work: (line: Line) => Promise<T>): Promise<T> => {
    const there = await reached(host, call, address);
    const version = await versionOf(call, there);
    return told(call, there, work({ at: there.at, version }));
  };
  const renewed = async <T>(call: string, work: (line: Line) => Promise<T>): Promise<T> => {
    try {
      return await over(call, work);
    } catch (error) {
      if (!isVersionRefused(error)) throw error;
      spoken = undefined;
      return over(call, work);
    }
  };
  return {
    ask: (request) => renewed(request.call, (line) => ask(line, request)),
    listen: (request) => renewed(request.call, (line) => listen(line, request)),
    agree,
  };
};
