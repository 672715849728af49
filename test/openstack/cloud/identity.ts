import { z } from 'zod';
import { PASSWORD, PORTS, VIP } from '../places.js';

const KEYSTONE = `http://${VIP}:${PORTS.keystone}/v3`;
const TIMEOUT_MS = 30_000;

/** What one logs in with: keystone's password method, scoped to the project admin. */
export const LOGIN = {
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: 'admin', domain: { id: 'default' }, password: PASSWORD } },
    },
    scope: { project: { name: 'admin', domain: { id: 'default' } } },
  },
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Asking = { readonly token?: string; readonly body?: object };

/** One request with JSON both ways; throws with the answer's text unless it is 2xx. */
export const ask = async (method: Method, url: string, { token, body }: Asking = {}): Promise<Response> => {
  const answer = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok)
    throw new Error(`${method} ${url}: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
  return answer;
};

export type Token = { readonly id: string; readonly project: string };

const issued = z.object({ token: z.object({ project: z.object({ id: z.string() }) }) });

export const issueToken = async (): Promise<Token> => {
  const answer = await ask('POST', `${KEYSTONE}/auth/tokens`, { body: LOGIN });
  const { token } = issued.parse(await answer.json());
  return { id: answer.headers.get('x-subject-token') ?? '', project: token.project.id };
};

const withId = z.object({ id: z.string() });

const create = async (token: string, kind: string, body: Record<string, unknown>): Promise<string> => {
  const answer = await ask('POST', `${KEYSTONE}/${kind}s`, { token, body: { [kind]: body } });
  return withId.parse(z.record(z.string(), z.unknown()).parse(await answer.json())[kind]).id;
};

/** The project `service`, cinder's user with its roles, and its endpoints at the internal VIP. */
export const registerCinder = async (): Promise<void> => {
  const { id: token } = await issueToken();
  const project = await create(token, 'project', { name: 'service', domain_id: 'default' });
  const user = await create(token, 'user', { name: 'cinder', password: PASSWORD, domain_id: 'default' });
  const roles = z
    .object({ roles: z.array(z.object({ id: z.string(), name: z.string() })) })
    .parse(await (await ask('GET', `${KEYSTONE}/roles`, { token })).json()).roles;
  const admin = roles.find(({ name }) => name === 'admin')?.id ?? '';
  const service =
    roles.find(({ name }) => name === 'service')?.id ?? (await create(token, 'role', { name: 'service' }));
  for (const role of [admin, service])
    await ask('PUT', `${KEYSTONE}/projects/${project}/users/${user}/roles/${role}`, { token });
  const cinder = await create(token, 'service', { name: 'cinderv3', type: 'volumev3' });
  for (const face of ['public', 'internal'])
    await create(token, 'endpoint', {
      service_id: cinder,
      interface: face,
      url: `http://${VIP}:${PORTS.cinder}/v3/%(project_id)s`,
      region_id: 'RegionOne',
    });
};
