import type { Read } from '../catalogue/readiness.js';
import type { Answered } from '../probes/report.js';
import type { Answer, Http } from './http.js';
import type { Token } from './token.js';
import { badAnswer, noAnswer } from './words.js';

/** A place where a service is asked, and with what. */
export type Door = { readonly http: Http; readonly base: string; readonly token: Token };

/** One authenticated GET; rejects with `NoAnswer`. */
export const get = (
  { http, base, token }: Door,
  { path, microversion }: Pick<Read, 'path' | 'microversion'>,
): Promise<Answer> =>
  http({
    url: `${base}${path.replace('{project}', encodeURIComponent(token.project))}`,
    headers: {
      'x-auth-token': token.value,
      ...(microversion === undefined ? {} : { 'openstack-api-version': microversion }),
    },
  });

/** The list that an answer of this service holds; `undefined` where it is another's answer. */
export const listIn = ({ body }: Answer, key: string): readonly unknown[] | undefined => {
  const list: unknown =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  return Array.isArray(list) ? list : undefined;
};

export const notOurs = (what: string, key: string): Answered => ({
  what,
  verdict: 'ill',
  why: `answers 200 without \`${key}\`: something else answers there`,
});

const judge = ({ what, list: key, filled }: Read, answer: Answer, token: Token): Answered => {
  if (answer.status !== 200) return badAnswer(what, answer, [token.value]);
  const list = listIn(answer, key);
  if (!list) return notOurs(what, key);
  return filled && list.length === 0
    ? { what, verdict: 'waiting', why: `answers 200, and \`${key}\` is empty` }
    : { what, verdict: 'well', why: `200 in ${answer.ms} ms` };
};

/** Asks one read at one door. */
export const askRead = async (door: Door, read: Read): Promise<Answered> => {
  try {
    return judge(read, await get(door, read), door.token);
  } catch (error) {
    return noAnswer(read.what, error);
  }
};
