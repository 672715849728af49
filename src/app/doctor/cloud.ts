import { SERVICES } from '../../catalogue/index.js';
import type { Service } from '../../catalogue/service.js';
import type { Config } from '../../config.js';
import { answerAt } from './api.js';
import { type Check, know, mend, well } from './check.js';
import { cloudsYaml } from './clouds-yaml.js';
import type { HostReport } from './examine.js';
import { fourEyes } from './four-eyes.js';
import { catalogued } from './kolla-containers.js';
import { wayIn } from './way-in.js';

const missingOf = (service: Service, found: ReadonlySet<string>): string | undefined => {
  const missing = service.containers.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  return missing.length === service.containers.length ? `${service.name} (all of it)` : missing.join(', ');
};

/** Containers of the catalogue that no host has. Where a host is silent, what it has is not called missing. */
const nowhere = (reports: readonly HostReport[]): readonly Check[] => {
  const seen = reports.flatMap((report) => report.seen ?? []);
  if (seen.length < reports.length) return [];
  const found = new Set(seen.flatMap((host) => catalogued(host).map(({ entry }) => entry.name)));
  const missing = SERVICES.flatMap((service) => missingOf(service, found) ?? []);
  if (missing.length === 0) return [well('catalogue', 'Every container of the catalogue is on some host.')];
  return [
    know('catalogue', {
      what: `On no host: ${missing.join('; ')}.`,
      why: 'An upgrade takes only what it finds.',
      wayOut:
        'Nothing to do if this cloud has none of it; else check container_prefix, and that its host is in the hosts file.',
    }),
  ];
};

const frontDoor = async (name: string, url: string): Promise<Check> => {
  const answer = await answerAt(url);
  const expected = SERVICES.find((service) => service.name === name)?.api.expect ?? [200];
  if (typeof answer === 'number' && expected.includes(answer))
    return well('front-door', `${name} answers at the load balancer.`);
  return mend('front-door', {
    what: `${name} answers ${typeof answer === 'number' ? answer : `nothing (${answer})`} at the load balancer, ${url}.`,
    why: 'Users may not reach it, and what they miss during an upgrade could not be measured.',
    wayOut: `Mend the load balancer, or correct front_door.${name}.`,
  });
};

/** What is no single host's: asked once. */
export const examineCloud = async (
  config: Config,
  reports: readonly HostReport[],
): Promise<readonly Check[]> => [
  ...nowhere(reports),
  wayIn(config),
  fourEyes(config),
  ...(await cloudsYaml(config)),
  ...(await Promise.all(Object.entries(config.front_door).map(([name, url]) => frontDoor(name, url)))),
];
