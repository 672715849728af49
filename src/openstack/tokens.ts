import type { Answered } from '../probes/report.js';
import type { AskRequest } from '../steps/context.js';
import type { Access } from './access.js';
import type { Http } from './http.js';
import { issueToken, NoToken, type Token, validate } from './token.js';
import { answerWords, badAnswer, mayMend, noAnswer } from './words.js';

const ISSUED = 'a token issued';
const VALIDATED = 'that token validated';
const EARLIER = 'a token from before the swap still valid';

/** Tokens that were issued before a swap, by what was asked then. In memory only: a token is a secret. */
export type KeptTokens = Map<string, Token>;

type Asking = {
  readonly http: Http;
  readonly access: Access;
  readonly base: string;
  readonly kept: KeptTokens;
  readonly request: AskRequest;
};

const keyOf = ({ host, container }: AskRequest): string => `${host}/${container}`;

const notIssued = (error: unknown): Answered =>
  error instanceof NoToken
    ? {
        what: ISSUED,
        verdict: mayMend(error.answer.status) ? 'waiting' : 'ill',
        why: error.message,
      }
    : noAnswer(ISSUED, error);

const validated = async ({ http, base }: Asking, token: Token): Promise<Answered> => {
  try {
    const answer = await validate(http, base, token);
    return answer.status === 200
      ? { what: VALIDATED, verdict: 'well', why: `200 in ${answer.ms} ms` }
      : badAnswer(VALIDATED, answer, [token.value]);
  } catch (error) {
    return noAnswer(VALIDATED, error);
  }
};

/** Both times are keystone's own: the bot's clock may be another. */
const ranOut = (token: Token, date: string | undefined): boolean =>
  date !== undefined && Date.parse(token.expiresAt) <= Date.parse(date);

const earlier = async ({ http, base, kept, request }: Asking): Promise<Answered> => {
  const token = kept.get(keyOf(request));
  if (!token)
    return {
      what: EARLIER,
      verdict: 'excused',
      why: 'none is at hand: Stackswap was started again since, and a token is never written down',
    };
  try {
    const answer = await validate(http, base, token);
    if (answer.status === 200) return { what: EARLIER, verdict: 'well', why: `200 in ${answer.ms} ms` };
    if (ranOut(token, answer.header('date')))
      return { what: EARLIER, verdict: 'excused', why: 'it has run out by itself meanwhile' };
    // Keystone says 404 for a token that it cannot read, as with lost fernet keys; 401 because it is also who asks.
    return {
      what: EARLIER,
      verdict: answer.status >= 500 ? 'waiting' : 'ill',
      why: answerWords(answer, [token.value]),
    };
  } catch (error) {
    return noAnswer(EARLIER, error);
  }
};

/** Before the swap the token is kept; afterwards the kept one must still be good. */
const keep = ({ kept, request }: Asking, token: Token): Answered => {
  if (request.when === 'before') kept.set(keyOf(request), token);
  return { what: EARLIER, verdict: 'well', why: 'issued now, to be asked for again' };
};

/** Keystone's questions where they cannot even be put. */
export const tokensNotAsked = (why: string): readonly Answered[] =>
  [ISSUED, VALIDATED, EARLIER].map((what) => ({ what, verdict: 'waiting', why }));

/** Keystone's own questions, all of them at that one keystone. */
export const askTokens = async (asking: Asking): Promise<readonly Answered[]> => {
  const isBefore = asking.request.when === 'before' || asking.request.when === 'plan';
  const later = isBefore ? undefined : await earlier(asking);
  try {
    const token = await issueToken(asking.http, asking.base, asking.access);
    return [
      { what: ISSUED, verdict: 'well', why: 'answers 201' },
      await validated(asking, token),
      later ?? keep(asking, token),
    ];
  } catch (error) {
    const none = 'no token was issued';
    return [
      notIssued(error),
      { what: VALIDATED, verdict: 'waiting', why: none },
      later ?? { what: EARLIER, verdict: 'waiting', why: none },
    ];
  }
};
