import type { PlanInput } from './input.js';
import { allFound, type Found } from './observe.js';
import type { Finding } from './plan.js';

type StandingCheck = (input: Pick<PlanInput, 'observation'>) => readonly Finding[];

/** Closes a way out that changes the hosts file, since it is read once. */
export const AND_RESTART = 'and start Stackswap again';

export const block = (code: string, text: string, wayOut: string): Finding => ({
  code,
  level: 'block',
  text,
  wayOut,
});
export const warn = (code: string, text: string, wayOut?: string): Finding => ({
  code,
  level: 'warn',
  text,
  ...(wayOut ? { wayOut } : {}),
});
export const at = ({ seen }: Found): string => `${seen.name} on ${seen.host}`;

export const hosts: StandingCheck = ({ observation }) =>
  observation.unreachable.map(({ host, why }) =>
    block(
      'host-unreachable',
      `${host} does not answer: ${why}.`,
      `Whether the service runs there is unknown. Bring its engine back, or take the host out of the hosts file ${AND_RESTART}.`,
    ),
  );

export const health: StandingCheck = ({ observation }) =>
  allFound(observation).flatMap((found) => {
    if (found.state !== 'running')
      return [
        block(
          'not-running',
          `${at(found)} is ${found.state}.`,
          'Start it or find out why it stopped; what is broken before cannot be judged after.',
        ),
      ];
    if (found.health === 'unhealthy')
      return [
        block(
          'unhealthy',
          `${at(found)} is unhealthy before we start.`,
          'Mend it first; a swap could not be judged.',
        ),
      ];
    if (found.answers === false)
      return [
        block(
          'api-silent',
          `${at(found)} does not answer well at ${found.probeUrl}.`,
          `Mend the API, or correct api_address and ports of the host in the hosts file (leave api_address out if the bot cannot reach it) ${AND_RESTART}.`,
        ),
      ];
    if (found.health === 'starting') return [warn('starting', `${at(found)} is still starting.`)];
    return found.hasHealthcheck
      ? []
      : [
          warn(
            'no-healthcheck',
            `${at(found)} has no HEALTHCHECK${found.probeUrl ? '' : ': its health is judged by steadiness alone'}.`,
          ),
        ];
  });

export const leftovers: StandingCheck = ({ observation }) =>
  observation.hosts.flatMap(({ host, leftovers: all }) =>
    all.map(({ name, running }) =>
      running
        ? block(
            'leftover',
            `${name} of an earlier run is running on ${host.name}.`,
            'Find out which one should serve, stop the other.',
          )
        : warn(
            'leftover',
            `${name} of an earlier run is still on ${host.name}.`,
            `When it is not needed: docker rm ${name}`,
          ),
    ),
  );

/** What is wrong with a service as it stands, whether or not somebody plans an upgrade. */
export const standingFindings = (observation: PlanInput['observation']): readonly Finding[] =>
  [hosts, health, leftovers].flatMap((check) => check({ observation }));
