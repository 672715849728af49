import type { Access } from '../../src/openstack/access.js';
import { askServices } from '../../src/openstack/ask-service.js';
import { httpFor } from '../../src/openstack/http.js';
import type { ReadyReport } from '../../src/probes/report.js';
import { Secret } from '../../src/secret.js';
import type { AskRequest, AskService } from '../../src/steps/context.js';
import { type FakeOpenStack, PASSWORD } from './fake-openstack.js';

/** Long, for a busy machine. */
const TIMEOUT_MS = 5_000;
/** Short, so that a hanging API does not make the tests long. */
export const SHORT_MS = 250;

export const accessTo = (fake: FakeOpenStack, change: Partial<Access> = {}): Access => ({
  cloud: 'test',
  authBase: fake.urls.keystone,
  credentials: {
    kind: 'password',
    user: { name: 'admin', domain: { id: 'default' } },
    password: new Secret(PASSWORD),
    project: { name: 'admin', domain: { id: 'default' } },
  },
  region: 'RegionOne',
  interface: 'public',
  tls: { ca: undefined, verify: true },
  warnings: [],
  ...change,
});

export const askerOf = (
  fake: FakeOpenStack,
  {
    apis = [],
    timeoutMs = TIMEOUT_MS,
    ...change
  }: Partial<Access> & { apis?: readonly string[]; timeoutMs?: number } = {},
): AskService => {
  const access = accessTo(fake, change);
  return askServices({ http: httpFor(access, timeoutMs), access, apis: () => apis });
};

/** A request for a container on `ctl1`; what a test names replaces it. */
export const requestOf = (entry: string, change: Partial<AskRequest> = {}): AskRequest => ({
  service: entry.split('_')[0] ?? entry,
  host: 'ctl1',
  container: entry,
  entry,
  api: null,
  since: '2026-11-22T10:00:00.000Z',
  when: 'after',
  ...change,
});

/** `volumes listed: waiting` for each answer, the reasons left out. */
export const verdicts = ({ asked }: ReadyReport): readonly string[] =>
  asked.map(({ what, verdict }) => `${what}: ${verdict}`);

export const whyOf = ({ asked }: ReadyReport, what: string): string =>
  asked.find((one) => one.what === what)?.why ?? `(${what} was not asked)`;
