// Asks the registry for known holes in the production packages, and for the signatures of all packages. A finding fails.
// What could not be asked is said as "not audited" with the reason, and fails where everything is required (CI), but
// for a registry that says that it has no advisories, as mirrors do, and for STACKSWAP_TEST_NO_ADVISORIES="why".
// `holes` or `signatures` asks for one of them only. Plain JavaScript on Node alone.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TIMEOUT_MS = 120_000;

/** Status codes with which a registry says that it does not know the question. */
const NO_SERVICE = [404, 405, 410, 501];

const ask = (args) => {
  const { stdout, error } = spawnSync(
    'npm',
    ['audit', ...args, '--json', '--fetch-retries=0', '--loglevel=error'],
    { cwd: root, encoding: 'utf8', timeout: TIMEOUT_MS },
  );
  try {
    return JSON.parse(stdout);
  } catch {
    return { error: { summary: error?.message ?? 'no answer that can be read' } };
  }
};

/** `getaddrinfo ENOTFOUND name`, `connect ECONNREFUSED address:port`: the system call, its error, and whom it asked. */
const ASKED = /\b((?:getaddrinfo|connect|read|write|query\w*)\s+E[A-Z_]+)\s+\S.*/g;
/** An address, a name with a dot in it, or one with a port behind it. */
const HOST =
  /\[[\da-f:.]+\](?::\d+)?|\b(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[\w-]+\.)+[a-z][\w-]*)(?::\d+)?|\b[\w-]+:\d+\b/gi;

/** Whatever names a host would name somebody's registry. */
export const whyOf = ({ message, error }) =>
  (message || error?.summary || 'no answer')
    .split('\n')[0]
    .replaceAll(/https?:\/\/\S+/g, '…')
    .replaceAll(ASKED, '$1 …')
    .replaceAll(HOST, '…');

const notAudited = (answer) => ({
  state: NO_SERVICE.includes(answer.statusCode) ? 'no service' : 'unreachable',
  lines: [],
  why: whyOf(answer),
});

const holes = () => {
  const answer = ask(['--omit=dev']);
  const found = answer.metadata?.vulnerabilities;
  if (!found) return notAudited(answer);
  const each = Object.entries(answer.vulnerabilities ?? {});
  return {
    state: found.total === 0 ? 'clean' : 'found',
    lines: [
      `known holes in production packages: ${found.total}`,
      ...each.map(([name, { severity, range }]) => `  ${name} ${range}: ${severity}`),
    ],
  };
};

const signatures = () => {
  const answer = ask(['signatures']);
  if (!Array.isArray(answer.invalid) || !Array.isArray(answer.missing)) return notAudited(answer);
  return {
    state: answer.invalid.length === 0 ? 'clean' : 'found',
    lines: [
      `packages with a wrong signature: ${answer.invalid.length}, without one: ${answer.missing.length}`,
      ...answer.invalid.map(({ name, version }) => `  ${name}@${version}`),
    ],
  };
};

const WHAT = { holes: 'known holes', signatures: 'signatures of packages' };

/**
 * What the answers mean, by their names; `told` is why there is no advisory service here. The keys of signatures lie on
 * a host of their own, which a machine behind a mirror without advisories need not reach; it is the answer on holes that
 * tells such a mirror.
 */
export const judge = (answers, { required, told }) => {
  const isMirror = answers.holes?.state === 'no service';
  const lines = [];
  let ok = true;
  for (const [name, { state, lines: found, why }] of Object.entries(answers)) {
    lines.push(...found);
    if (state === 'found') ok = false;
    if (state !== 'no service' && state !== 'unreachable') continue;
    const failed = required && !told && !isMirror && state === 'unreachable';
    const because = told ? `${told}; ${why}` : why;
    lines.push(
      `*** NOT AUDITED: ${WHAT[name]} (${state === 'no service' ? 'the registry has no such service' : 'nobody answered'}: ${because}). ***`,
    );
    if (failed) {
      ok = false;
      lines.push(
        '    Here everything is required. Where there is no advisory service, say so: STACKSWAP_TEST_NO_ADVISORIES="why".',
      );
    }
  }
  return { ok, lines };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = Object.entries({ holes, signatures }).filter(
    ([name]) => process.argv.length < 3 || process.argv.includes(name),
  );
  const { CI, STACKSWAP_TEST_REQUIRE, STACKSWAP_TEST_NO_ADVISORIES: told } = process.env;
  const { ok, lines } = judge(Object.fromEntries(asked.map(([name, look]) => [name, look()])), {
    required: Boolean(CI) || STACKSWAP_TEST_REQUIRE === '1',
    told,
  });
  for (const line of lines) console.log(line);
  process.exitCode = ok ? 0 : 1;
}
