import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one API does to a client; `/healthcheck` is 200 whatever it is, as in the lie that health checks tell. */
export type Mode = 'well' | 401 | 403 | 404 | 500 | 503 | 'hang' | 'cut' | 'redirect' | 'page';

export type FakeRow = {
  binary: string;
  host: string;
  state: 'up' | 'down';
  status: 'enabled' | 'disabled';
  /** By the clock of that process. */
  updated_at: string | null;
};

export const PASSWORD = 'correct-horse-battery';
const PROJECT = '8f2b6c0f4f9d4b0d9a3f3d5a7c1e2b4a';

/** What a test turns. Shapes are those of keystone 27, cinder 26, glance 30 and placement 13. */
export type Knobs = {
  password: string;
  keystone: Mode;
  cinder: Mode;
  glance: Mode;
  placement: Mode;
  /** Only os-services and get_pools, which want an administrator. */
  admin: Mode;
  rows: FakeRow[];
  /** Called at each look at the rows: processes beat, or do not. */
  beat: (rows: FakeRow[]) => void;
  pools: string[];
  /** Keystone's clock, in milliseconds beside the bot's. */
  skewMs: number;
  /** How long tokens live. */
  ttlMs: number;
};

type Name = 'keystone' | 'cinder' | 'glance' | 'placement';

type Reply = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

type Received = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
};

export type FakeOpenStack = {
  readonly knobs: Knobs;
  /** Bases without a version. */
  readonly urls: Readonly<Record<Name, string>>;
  /** Tokens that keystone knows; clearing it is what lost fernet keys do. */
  readonly tokens: Map<string, number>;
  readonly received: readonly Received[];
  /** Replaces where the catalogue sends clients. */
  catalogue: Record<string, string>;
  close(): Promise<void>;
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

const ERRORS: Readonly<Record<number, unknown>> = {
  401: {
    error: {
      code: 401,
      message: 'The request you have made requires authentication.',
      title: 'Unauthorized',
    },
  },
  403: {
    forbidden: {
      code: 403,
      message: "Policy doesn't allow volume_extension:services:index to be performed.",
    },
  },
  404: { itemNotFound: { code: 404, message: 'The resource could not be found.' } },
  500: {
    computeFault: {
      code: 500,
      message: 'The server has either erred or is incapable of performing the requested operation.',
    },
  },
  503: { message: 'The server is currently unavailable. Please try again at a later time.' },
};

const error = (status: number): Reply => ({ status, body: ERRORS[status] });

/** Answers by a mode other than `well`; a hanging one never does. */
const misbehave = (mode: Mode, response: ServerResponse): void => {
  if (mode === 'cut') response.destroy();
  else if (mode === 'redirect') response.writeHead(302, { location: 'http://192.0.2.1/login' }).end();
  else if (mode === 'page')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
  else if (typeof mode === 'number')
    response.writeHead(mode, { 'content-type': 'application/json' }).end(JSON.stringify(ERRORS[mode]));
};

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

/** The four APIs of a small cloud on loopback, each on a port of its own. */
export const fakeOpenStack = async (): Promise<FakeOpenStack> => {
  const knobs: Knobs = {
    password: PASSWORD,
    keystone: 'well',
    cinder: 'well',
    glance: 'well',
    placement: 'well',
    admin: 'well',
    rows: [],
    beat: () => undefined,
    pools: ['ctl1@lvm#lvm'],
    skewMs: 0,
    ttlMs: 3_600_000,
  };
  const tokens = new Map<string, number>();
  const received: Received[] = [];
  const fake: { catalogue: Record<string, string> } = { catalogue: {} };
  let issued = 0;

  const clock = (): number => Date.now() + knobs.skewMs;
  const send = (response: ServerResponse, { status, body, headers = {} }: Reply): void => {
    const date = new Date(clock()).toUTCString();
    response.writeHead(status, { 'content-type': 'application/json', date, ...headers });
    response.end(JSON.stringify(body));
  };
  const isGood = (token: string | undefined): boolean =>
    token !== undefined && (tokens.get(token) ?? 0) > clock();

  const tokenBody = (expires: number) => ({
    token: {
      methods: ['password'],
      expires_at: new Date(expires).toISOString(),
      issued_at: new Date(clock()).toISOString(),
      user: { id: 'u1', name: 'admin', domain: { id: 'default', name: 'Default' } },
      project: { id: PROJECT, name: 'admin', domain: { id: 'default', name: 'Default' } },
      catalog: Object.entries(fake.catalogue).map(([type, url]) => ({
        type,
        name: type,
        endpoints: ['public', 'internal'].map((one) => ({
          interface: one,
          url: one === 'public' ? url : `${url}-internal`,
          region: 'RegionOne',
          region_id: 'RegionOne',
        })),
      })),
    },
  });

  const issue = async (request: IncomingMessage): Promise<Reply> => {
    const { auth } = JSON.parse(await bodyOf(request));
    const given = auth.identity.password?.user.password ?? auth.identity.application_credential?.secret;
    if (given !== knobs.password) return error(401);
    issued += 1;
    const value = `gAAAAAB-fake-token-${issued}`;
    const expires = clock() + knobs.ttlMs;
    tokens.set(value, expires);
    return { status: 201, body: tokenBody(expires), headers: { 'x-subject-token': value } };
  };

  const keystone = async (request: IncomingMessage): Promise<Reply> => {
    if (request.url === '/v3/auth/tokens' && request.method === 'POST') return issue(request);
    const subject = String(request.headers['x-subject-token']);
    if (!isGood(String(request.headers['x-auth-token']))) return error(401);
    return isGood(subject)
      ? { status: 200, body: tokenBody(tokens.get(subject) ?? 0) }
      : { status: 404, body: { error: { code: 404, message: `Could not find token: ${subject}.` } } };
  };

  const cinder = ({ url = '' }: IncomingMessage): Reply | Mode => {
    const path = url.replace(`/v3/${PROJECT}`, '');
    if (path === '/volumes?limit=1') return { status: 200, body: { volumes: [] } };
    if (knobs.admin !== 'well') return knobs.admin;
    if (path === '/scheduler-stats/get_pools')
      return { status: 200, body: { pools: knobs.pools.map((name) => ({ name })) } };
    if (path !== '/os-services') return error(404);
    knobs.beat(knobs.rows);
    const services = knobs.rows.map((row) => ({
      ...row,
      zone: 'nova',
      disabled_reason: null,
      frozen: false,
    }));
    return { status: 200, body: { services } };
  };

  const only =
    (start: string, body: unknown) =>
    ({ url = '' }: IncomingMessage): Reply =>
      url.startsWith(start) ? { status: 200, body } : error(404);

  type Answer = (request: IncomingMessage) => Reply | Mode | Promise<Reply>;

  const respond = async (name: Name, answer: Answer, request: IncomingMessage): Promise<Reply | Mode> => {
    if (knobs[name] !== 'well') return knobs[name];
    if (name !== 'keystone' && !isGood(String(request.headers['x-auth-token'])))
      return { status: 401, body: { message: 'The server could not verify that you are authorized.' } };
    return answer(request);
  };

  const servers: Server[] = [];
  const serve = (name: Name, answer: Answer): Promise<string> => {
    const server = createServer((request, response) => {
      received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
      if (request.url === '/healthcheck') response.end('OK');
      else
        void respond(name, answer, request).then((reply) =>
          typeof reply === 'object' ? send(response, reply) : misbehave(reply, response),
        );
    });
    servers.push(server);
    return listen(server);
  };
  const urls = {
    keystone: await serve('keystone', keystone),
    cinder: await serve('cinder', cinder),
    glance: await serve('glance', only('/v2/images?limit=1', { images: [], first: '/v2/images' })),
    placement: await serve('placement', only('/resource_providers', { resource_providers: [] })),
  };
  fake.catalogue = {
    identity: urls.keystone,
    volumev3: `${urls.cinder}/v3/${PROJECT}`,
    image: urls.glance,
    placement: urls.placement,
  };
  return Object.assign(fake, {
    knobs,
    urls,
    tokens,
    received,
    close: async () => {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise((resolve) => {
              server.close(resolve);
              server.closeAllConnections();
            }),
        ),
      );
    },
  });
};
