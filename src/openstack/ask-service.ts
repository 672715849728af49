import { SERVICES } from '../catalogue/index.js';
import type { Readiness } from '../catalogue/readiness.js';
import type { Service } from '../catalogue/service.js';
import { messageOf } from '../errors.js';
import type { Answered, ReadyReport } from '../probes/report.js';
import type { AskRequest, AskService } from '../steps/context.js';
import { type Access, baseOf } from './access.js';
import { askHeartbeats, type SeenBeats } from './heartbeats.js';
import type { Http } from './http.js';
import { askRead, type Door } from './reads.js';
import { isReady, required } from './require.js';
import { openSession } from './session.js';
import { endpointOf, type Token } from './token.js';
import { askTokens, type KeptTokens, tokensNotAsked } from './tokens.js';

export type Asking = {
  readonly http: Http;
  readonly access: Access;
  /** Bases of a service's APIs on all hosts, for what has none of its own. */
  readonly apis: (service: Service) => readonly string[];
};

type Answers = { readonly answers: readonly Answered[]; readonly unasked?: string };

type Put = { readonly service: Service; readonly ready: Readiness; readonly request: AskRequest };

const isWorker = ({ ready, request }: Put): boolean =>
  ready.heartbeats?.binaries[request.entry] !== undefined;

/** The questions of a container that could not be put, each with the reason: a baseline then excuses them by name. */
const notPut = (put: Put, why: string): Answers => {
  const whats = [
    ...readsOf(put).map(({ what }) => what),
    ...(put.ready.heartbeats ? [put.ready.heartbeats.what] : []),
  ];
  const answers = whats.map((what): Answered => ({ what, verdict: 'waiting', why }));
  return { answers: put.ready.tokens ? tokensNotAsked(why) : answers, unasked: why };
};

const readsOf = (put: Put) => put.ready.reads.filter((read) => !isWorker(put) || read.workers);

/** At the new API itself; for a worker through any API that answers; else where keystone's catalogue sends clients. */
const basesOf = (put: Put, token: Token, { access, apis }: Asking): readonly string[] => {
  if (put.request.api !== null) return [put.request.api];
  const endpoint = endpointOf(token, put.ready.types, access);
  return [...(endpoint === undefined ? [] : [baseOf(endpoint)]), ...(isWorker(put) ? apis(put.service) : [])];
};

/** No answer at all, from no question: a worker says nothing through an API that is away. */
const silent = (answers: readonly Answered[], answered: () => boolean): boolean =>
  !answered() && !isReady(answers);

const askAt = async (put: Put, door: Door, seen: SeenBeats): Promise<readonly Answered[]> => {
  const { heartbeats } = put.ready;
  const asked = [
    ...readsOf(put).map(async (read) => [await askRead(door, read)]),
    ...(heartbeats ? [askHeartbeats({ door, heartbeats, request: put.request, seen })] : []),
  ];
  return (await Promise.all(asked)).flat();
};

/** Whether any answer came over it. */
const counted = (http: Http): { readonly http: Http; readonly answered: () => boolean } => {
  let answers = 0;
  return {
    http: async (request) => {
      const answer = await http(request);
      answers += 1;
      return answer;
    },
    answered: () => answers > 0,
  };
};

const throughDoors = async (
  put: Put,
  token: Token,
  asking: Asking & { seen: SeenBeats },
): Promise<Answers> => {
  const bases = basesOf(put, token, asking);
  const { access } = asking;
  if (bases.length === 0)
    return notPut(
      put,
      `keystone’s catalogue has no ${access.interface} endpoint of ${put.service.name}${access.region ? ` in ${access.region}` : ''}`,
    );
  let last: Answers = { answers: [] };
  for (const base of bases) {
    const { http, answered } = counted(asking.http);
    const answers = await askAt(put, { http, base, token }, asking.seen);
    if (!silent(answers, answered)) return { answers };
    const why = `${base} ${answers[0]?.why ?? 'does not answer'}`;
    last = put.request.api === null && isWorker(put) ? { answers, unasked: why } : { answers };
  }
  return last;
};

const hasQuestions = (put: Put): boolean => put.request.entry === put.service.api.container || isWorker(put);

const reporting =
  (answersOf: (put: Put) => Promise<Answers>): AskService =>
  async (request): Promise<ReadyReport> => {
    const began = performance.now();
    const service = SERVICES.find(({ name }) => name === request.service);
    const put = service?.ready && { service, ready: service.ready, request };
    const { answers, unasked }: Answers = put && hasQuestions(put) ? await answersOf(put) : { answers: [] };
    const asked = required(answers, request.before);
    const ready = isReady(asked);
    return {
      host: request.host,
      container: request.container,
      ready,
      tookMs: Math.round(performance.now() - began),
      asked,
      ...(unasked !== undefined && !ready ? { unasked } : {}),
    };
  };

/** Stands in for a cloud whose credentials cannot be used: no question is put. */
export const cannotAsk = (why: string): AskService => reporting(async (put) => notPut(put, why));

/** Asks the services of one cloud as a client. Nothing it answers holds a token or a password. */
export const askServices = (asking: Asking): AskService => {
  const session = openSession(asking.http, asking.access);
  const kept: KeptTokens = new Map();
  const seen: SeenBeats = new Map();

  const withToken = async (put: Put): Promise<Answers> => {
    let token: Token;
    try {
      token = await session.token();
    } catch (error) {
      return notPut(put, `no token from ${asking.access.authBase}: it ${messageOf(error)}`);
    }
    const told = await throughDoors(put, token, { ...asking, seen });
    if (!isReady(told.answers)) session.doubt();
    return told;
  };

  const askKeystone = async ({ request }: Put): Promise<Answers> => {
    const base = request.api ?? asking.access.authBase;
    return { answers: await askTokens({ ...asking, base, kept, request }) };
  };

  return reporting((put) => (put.ready.tokens ? askKeystone(put) : withToken(put)));
};
