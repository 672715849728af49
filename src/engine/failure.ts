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

/**
 * Only a clear 4xx answer says that nothing was done. After a deadline, a cut connection, an answer that cannot be
 * read or a 5xx the call may have taken effect, so `unknown` is true.
 */
export const asEngineError = (host: string, call: string, error: unknown): EngineError => {
  if (error instanceof EngineError) return error;
  const status = statusOf(error);
  const clear = status !== undefined && status >= 400 && status < 500;
  return new EngineError(host, call, textOf(error), !clear, status);
};
