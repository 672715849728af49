import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ADVISORIES = '/-/npm/v1/security/advisories/bulk';
const LONG = { timeout: 180_000 };

type Ended = { readonly code: number; readonly said: string };

/** What tools/audit.mjs says of known holes, where npm's registry is the one on that port. */
const auditAt = (port: number, env: NodeJS.ProcessEnv): Promise<Ended> => {
  const { CI: _ci, STACKSWAP_TEST_REQUIRE: _all, STACKSWAP_TEST_NO_ADVISORIES: _no, ...rest } = process.env;
  const registry = { npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_noproxy: '127.0.0.1' };
  const words = [join(ROOT, 'tools', 'audit.mjs'), 'holes'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env: { ...rest, ...registry, ...env } }, (_e, said) =>
      resolve({ code: child.exitCode ?? -1, said }),
    );
  });
};

/** A registry on this machine; what it was asked is kept. */
const registry = async (answer: RequestListener): Promise<{ port: number; asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, asked };
};

const CI = { CI: 'true' };

const HOLE = {
  id: 1,
  url: 'http://127.0.0.1/hole',
  title: 'a hole',
  severity: 'high',
  vulnerable_versions: '>=0.0.0',
  cwe: [],
  cvss: { score: 0 },
};

test('a production package with a known hole fails', LONG, async () => {
  const { port, asked } = await registry(({ url }, response) =>
    url === ADVISORIES
      ? response.end(JSON.stringify({ yaml: [HOLE] }))
      : response.writeHead(404).end('{"error":"not found"}'),
  );
  const { code, said } = await auditAt(port, {});
  expect(asked).toContain(`POST ${ADVISORIES}`);
  expect(said).toMatch(/known holes in production packages: [1-9]/);
  expect(said).toMatch(/^ {2}yaml .*: high$/m);
  expect(code).toBe(1);
});

test('packages without a known hole pass', LONG, async () => {
  const { port, asked } = await registry((_request, response) => response.end('{}'));
  expect(await auditAt(port, CI)).toEqual({ code: 0, said: 'known holes in production packages: 0\n' });
  expect(asked).toContain(`POST ${ADVISORIES}`);
});

test('a mirror that has no advisories is named, and fails nothing', LONG, async () => {
  const { port } = await registry((_request, response) => response.writeHead(405).end());
  const { code, said } = await auditAt(port, CI);
  expect(said).toContain('*** NOT AUDITED: known holes (the registry has no such service: 405 ');
  expect(said).not.toContain('127.0.0.1');
  expect(code).toBe(0);
});

test('a registry out of order fails CI, and is told to a person', LONG, async () => {
  const { port } = await registry((_request, response) => response.writeHead(503).end());
  const [ci, person] = [await auditAt(port, CI), await auditAt(port, {})];
  for (const { said } of [ci, person])
    expect(said).toContain('*** NOT AUDITED: known holes (nobody answered');
  expect([ci.code, person.code]).toEqual([1, 0]);
});

test(
  'a registry that nobody reaches fails CI, but for a machine that says why it has none',
  LONG,
  async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    const [ci, told] = [
      await auditAt(port, { STACKSWAP_TEST_REQUIRE: '1' }),
      await auditAt(port, { ...CI, STACKSWAP_TEST_NO_ADVISORIES: 'no way out of this network' }),
    ];
    expect(ci.said).toContain('*** NOT AUDITED: known holes (nobody answered');
    expect(ci.said).toContain('STACKSWAP_TEST_NO_ADVISORIES');
    expect(told.said).toContain('NOT AUDITED: known holes (nobody answered: no way out of this network;');
    expect([ci.code, told.code]).toEqual([1, 0]);
    for (const { said } of [ci, told]) {
      expect(said).toContain('ECONNREFUSED …');
      expect(said).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${port}`));
    }
  },
);

type Why = (answer: { readonly message: string }) => string;

test.each([
  'getaddrinfo ENOTFOUND mirror',
  'getaddrinfo EAI_AGAIN mirror.example',
  'request to https://mirror.example/a failed, reason: queryA ESERVFAIL mirror',
  'connect ECONNREFUSED 192.0.2.7:4873',
  'connect ECONNREFUSED ::1:4873',
  'connect ETIMEDOUT [2001:db8::7]:443 - Local (192.0.2.8:0)',
  'no answer of mirror:4873 in time',
  "Host: mirror.example. is not in the cert's altnames: DNS:other.example",
])('"%s" is told without the host', async (message) => {
  const { whyOf } = (await import('../tools/audit.mjs' as string)) as { whyOf: Why };
  const why = whyOf({ message });
  expect(why).toContain('…');
  expect(why).not.toMatch(/mirror|example|192|2001|::1|4873|443/);
  for (const code of message.match(/\bE[A-Z_]{4,}/g) ?? []) expect(why).toContain(code);
});

type Judged = { readonly ok: boolean; readonly lines: readonly string[] };
type Judge = (answers: object, how: { required: boolean; told?: string }) => Judged;

const judge = async (states: Readonly<Record<string, string>>): Promise<boolean> => {
  const module = (await import('../tools/audit.mjs' as string)) as { judge: Judge };
  const answers = Object.entries(states).map(([name, state]) => [name, { state, lines: [], why: 'no way' }]);
  return module.judge(Object.fromEntries(answers), { required: true }).ok;
};

test.each([
  { holes: 'clean', signatures: 'clean', ok: true },
  { holes: 'clean', signatures: 'found', ok: false },
  { holes: 'clean', signatures: 'unreachable', ok: false },
  { holes: 'no service', signatures: 'unreachable', ok: true },
  { holes: 'no service', signatures: 'found', ok: false },
  { holes: 'unreachable', signatures: 'clean', ok: false },
  { holes: 'unreachable', signatures: 'no service', ok: false },
  { holes: 'clean', signatures: 'no service', ok: true },
])('in CI, holes: $holes and signatures: $signatures: passes is $ok', async ({ holes, signatures, ok }) => {
  expect(await judge({ holes, signatures })).toBe(ok);
});

test.each([
  { signatures: 'clean', ok: true },
  { signatures: 'no service', ok: true },
  { signatures: 'unreachable', ok: false },
  { signatures: 'found', ok: false },
])('in CI, signatures alone: $signatures: passes is $ok', async ({ signatures, ok }) => {
  expect(await judge({ signatures })).toBe(ok);
});
