import { z } from 'zod';
import { messageOf } from '../errors.js';
import { EngineError } from './port.js';

/** What docker-modem throws for an HTTP status that is no success. */
const httpFailure = z.looseObject({ statusCode: z.number(), json: z.unknown().optional() });
const engineMessage = z.looseObject({ message: z.string() });

export const statusOf = (error: unknown): number | undefined => {
  const parsed = httpFailure.safeParse(error);
  return parsed.success ? parsed.data.statusCode : undefined;
};

const textOf = (error: unknown): string => {
  const body = engineMessage.safeParse(httpFailure.safeParse(error).data?.json);
  return (body.success ? body.data.message : messageOf(error)).trim();
};

/** What a 409 says when an earlier request for the same removal, perhaps of a bot that died, is still being carried out. */
const UNDER_WAY = /is already in progress/;

/**
 * Only a clear 4xx answer says that nothing was done. After a deadline, a cut connection, an answer that cannot be
 * read or a 5xx the call may have taken effect, so `unknown` is true; so it is while a removal is under way.
 */
export const asEngineError = (host: string, call: string, error: unknown): EngineError => {
  if (error instanceof EngineError) return error;
  const status = statusOf(error);
  const text = textOf(error);
  const underWay = status === 409 && UNDER_WAY.test(text);
  const clear = status !== undefined && status >= 400 && status < 500 && !underWay;
  return new EngineError(host, call, text, !clear, status);
};
