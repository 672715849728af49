import type { Access } from './access.js';
import type { Http } from './http.js';
import { issueToken, type Token } from './token.js';

/** Tokens live for an hour or more; one that is older than this is not trusted to outlive a round. Milliseconds. */
const FRESH_MS = 600_000;

/** The bot's own login: one token for many questions, a new one after a bad answer. */
export type Session = {
  /** Rejects with `NoToken` or `NoAnswer`. */
  token(): Promise<Token>;
  /** The last answer may have been the token's fault: the next round gets a new one. */
  doubt(): void;
};

export const openSession = (http: Http, access: Access): Session => {
  let held: { readonly token: Promise<Token>; readonly at: number } | undefined;
  return {
    token: () => {
      if (held && performance.now() - held.at < FRESH_MS) return held.token;
      const token = issueToken(http, access.authBase, access);
      held = { token, at: performance.now() };
      token.catch(() => {
        held = undefined;
      });
      return token;
    },
    doubt: () => {
      held = undefined;
    },
  };
};
