import { messageOf } from '../../errors.js';
import { apiUrl } from '../../plan/observe.js';
import { statusOf } from '../../probes/http.js';
import { type Check, type HostCheck, know, mend, well } from './check.js';
import { type Catalogued, catalogued } from './kolla-containers.js';

const TIMEOUT_MS = 3_000;

/** The status that came, or why none did. */
export const answerAt = (url: string): Promise<number | string> => statusOf(url, TIMEOUT_MS).catch(messageOf);

const silent = (
  { name, service }: Catalogued,
  { url, answer }: { url: string; answer: number | string },
): Check =>
  mend('api', {
    what: `${name} answers ${typeof answer === 'number' ? answer : `nothing (${answer})`} at ${url}; ${service.api.expect.join(' or ')} is expected.`,
    why: 'A plan for it is refused: what is broken before could not be judged after.',
    wayOut:
      'Mend the API; or correct api_address and ports of the host (leave api_address out if this machine cannot reach it).',
  });

export const api: HostCheck = async (seen) => {
  const apis = catalogued(seen).filter(
    ({ service, entry, container }) => entry.name === service.api.container && container.State.Running,
  );
  if (apis.length === 0) return [well('api', 'No API of the catalogue runs here.')];
  if (!seen.host.api_address)
    return [
      know('api', {
        what: `The host has no api_address, and ${apis.map(({ name }) => name).join(', ')} ${apis.length === 1 ? 'runs' : 'run'} here.`,
        why: 'Downtime is not measured, and health is judged by the container’s own check alone.',
        wayOut:
          'Set api_address of the host to kolla-ansible’s api_interface_address, if this machine reaches it.',
      }),
    ];
  const asked = await Promise.all(
    apis.map(async (one) => {
      const url = apiUrl(one.service, seen.host) ?? '';
      return { one, url, answer: await answerAt(url) };
    }),
  );
  const bad = asked.filter(
    ({ one, answer }) => typeof answer !== 'number' || !one.service.api.expect.includes(answer),
  );
  return bad.length > 0
    ? bad.map(({ one, ...said }) => silent(one, said))
    : [well('api', `${apis.length} ${apis.length === 1 ? 'API answers' : 'APIs answer'}.`)];
};
