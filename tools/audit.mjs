// Asks the registry for known holes in the production packages, and for the signatures of all packages. A finding fails;
// a registry that does not know the question is said loudly and fails nothing, since no mirror answers it.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TIMEOUT_MS = 30_000;

const ask = (args) => {
  const { stdout } = spawnSync('npm', ['audit', ...args, '--json', '--fetch-retries=0', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  try {
    return JSON.parse(stdout);
  } catch {
    return { error: { summary: 'no answer that can be read' } };
  }
};

const notAsked = (what, answer) => {
  const why = answer.message ?? answer.error?.summary ?? 'no answer';
  console.log(`*** NOT AUDITED: ${what} could not be asked for here (${why.split(/ - | https?:/)[0]}). ***`);
  return true;
};

const holes = () => {
  const answer = ask(['--omit=dev']);
  const found = answer.metadata?.vulnerabilities;
  if (!found) return notAsked('known holes', answer);
  console.log(`known holes in production packages: ${found.total}`);
  for (const [name, { severity, range }] of Object.entries(answer.vulnerabilities ?? {}))
    console.log(`  ${name} ${range}: ${severity}`);
  return found.total === 0;
};

const signatures = () => {
  const answer = ask(['signatures']);
  if (!Array.isArray(answer.invalid) || !Array.isArray(answer.missing))
    return notAsked('signatures of packages', answer);
  console.log(
    `packages with a wrong signature: ${answer.invalid.length}, without one: ${answer.missing.length}`,
  );
  for (const { name, version } of answer.invalid) console.log(`  ${name}@${version}`);
  return answer.invalid.length === 0;
};

process.exitCode = [holes(), signatures()].every(Boolean) ? 0 : 1;
