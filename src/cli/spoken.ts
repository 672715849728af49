import { messageOf, Refusal } from '../errors.js';
import { clean } from '../render/clean.js';

export type Redact = (text: string) => string;

/**
 * Text on its way to a terminal: no secret in it, and nothing that a terminal would obey. Cleaned first, since a
 * character that nobody sees would keep a secret from being found.
 */
export const spoken = (text: string, redact: Redact): string => redact(clean(text));

/** What a refusal or a bug looks like in a terminal. */
export const errorText = (error: unknown): string =>
  error instanceof Refusal
    ? `error: ${error.why}\n${error.wayOut}`
    : `error: this is a bug in Stackswap: ${messageOf(error)}\nPlease report it with what you typed.`;
