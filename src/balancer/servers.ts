import { type BalancerSeen, plainAddress, type ServerSeen } from './answers.js';

/** What is known of one API before HAProxy is asked. */
export type Api = {
  /** Name in the catalogue (`cinder_api`). */
  readonly entry: string;
  readonly hostName: string;
  /** As in the hosts file, `https://` and brackets or not; `undefined` where none is given. */
  readonly address: string | undefined;
  readonly port: number;
};

/** kolla-ansible's ids of the internal and the external backend (roles/haproxy-config, 2026.1). */
const kollaBackends = (entry: string): readonly string[] =>
  entry === 'keystone'
    ? ['keystone_internal_back', 'keystone_external_back']
    : [`${entry}_back`, `${entry}_external_back`];

const shortName = (host: string): string => host.split('.')[0] ?? host;

/**
 * The servers that stand for one API: those at its address; where none is, those that bear the host's name in the
 * backends that kolla-ansible writes for it (there the server's name is the short host name).
 */
export const serversOf = ({ servers }: BalancerSeen, api: Api): readonly ServerSeen[] => {
  const address =
    api.address === undefined
      ? undefined
      : `${plainAddress(api.address.replace(/^https?:\/\//, ''))}:${api.port}`;
  const atAddress = servers.filter((one) => address !== undefined && one.address === address);
  if (atAddress.length > 0) return atAddress;
  return servers.filter(
    ({ backend, server }) =>
      kollaBackends(api.entry).includes(backend) && shortName(server) === shortName(api.hostName),
  );
};

/** The other servers of a backend: those that are left when ours are taken out. */
export const othersIn = (
  { servers }: BalancerSeen,
  backend: string,
  ours: readonly string[],
): readonly ServerSeen[] =>
  servers.filter((one) => one.backend === backend && !ours.includes(`${one.backend}/${one.server}`));
