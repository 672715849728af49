import type { BalancerSeen, ServerSeen } from '../balancer/answers.js';
import { othersIn, serversOf } from '../balancer/servers.js';
import type { Looked, SeenBalancers } from './balancers.js';
import { keyOf } from './images.js';
import type { Found, Observation, SeenHost } from './observe.js';
import type { Balancer, Finding } from './plan.js';
import { AND_RESTART, at, block, warn } from './standing.js';

type Readable = Extract<Looked, { seen: BalancerSeen }>;

/** One server of one API in one HAProxy, and its neighbours in the backend. */
type Stand = {
  readonly found: Found;
  readonly balancer: Readable;
  readonly server: ServerSeen;
  readonly others: readonly ServerSeen[];
};

const standsOf = (
  { found, host }: { found: Found; host: SeenHost },
  balancer: Readable,
  { name, api }: Observation['service'],
): readonly Stand[] => {
  const ours = serversOf(balancer.seen, {
    entry: api.container,
    hostName: host.host.name,
    address: host.host.api_address,
    port: host.host.ports[name] ?? api.port,
  });
  const names = ours.map(({ backend, server }) => `${backend}/${server}`);
  return ours.map((server) => ({
    found,
    balancer,
    server,
    others: othersIn(balancer.seen, server.backend, names),
  }));
};

const place = ({ container, host }: { container: string; host: string }): string => `${container} on ${host}`;
const nameOf = ({ backend, server }: ServerSeen): string => `${backend}/${server}`;
const listed = (words: readonly string[]): string => [...new Set(words)].join(', ');

/** Draining takes something away and leaves something: our server has traffic, and another one takes it over. */
const isDrainable = ({ balancer, server, others }: Stand): boolean =>
  balancer.seen.level === 'admin' &&
  others.some((other) => other.serving) &&
  (server.serving || server.drained || server.maintenance);

const levelFinding = (stands: readonly Stand[]): readonly Finding[] => {
  const closed = stands.filter(({ balancer }) => balancer.seen.level !== 'admin');
  if (closed.length === 0) return [];
  const [first] = closed;
  return [
    warn(
      'balancer-level',
      `The admin socket of ${listed(closed.map(({ balancer }) => place(balancer)))} takes no orders (its level is ${first?.balancer.seen.level}): nothing is drained there. HAProxy's redispatch is what is left: requests that outlive the stop's grace and those accepted in the last moment fail (measured over two hosts at some hundred to 1,200 requests a second: 0 to 110 in one run).`,
      'Set `haproxy_socket_level_admin: true` in globals.yml, run `kolla-ansible reconfigure -t loadbalancer` (it restarts HAProxy), and plan again.',
    ),
  ];
};

const silentFinding = (looked: readonly Looked[]): readonly Finding[] =>
  looked.flatMap((one) =>
    'silent' in one
      ? [
          warn(
            'balancer-silent',
            `${place(one)} does not answer at ${one.socket} (${one.silent}): nothing is drained there.`,
            `Its container needs sh, socat and that socket. If it is another container or path, name it under \`load_balancer\` in the hosts file ${AND_RESTART}.`,
          ),
        ]
      : [],
  );

const aloneFinding = (stands: readonly Stand[]): readonly Finding[] => {
  const alone = stands.filter(({ others }) => others.length === 0);
  const [first] = alone;
  if (!first) return [];
  return [
    warn(
      'single-server',
      `${at(first.found)} is the only server of ${listed(alone.map(({ server }) => server.backend))}: its API is away while it is swapped. It is not drained, since clients would only get their 503 earlier.`,
    ),
  ];
};

const lastFinding = (stands: readonly Stand[]): readonly Finding[] => {
  const last = stands.filter(({ others }) => others.length > 0 && !others.some((other) => other.serving));
  const [first] = last;
  if (!first) return [];
  const away = last.flatMap(({ others }) => others.map((other) => `${nameOf(other)} is ${other.status}`));
  return [
    block(
      'balancer-degraded',
      `${at(first.found)} is the last server that ${listed(last.map(({ balancer }) => place(balancer)))} has for it: ${listed(away)}. With it stopped the API would be away.`,
      `Bring another server back first. To accept the gap, set \`load_balancer: { drain: false }\` in the hosts file ${AND_RESTART}.`,
    ),
  ];
};

/** What does not keep us from draining and should be known. */
const unevenFinding = (stands: readonly Stand[]): readonly Finding[] => {
  const fewer = stands.filter(({ others }) => others.some((other) => other.serving));
  const away = fewer.flatMap(({ others }) => others.filter((other) => !other.serving));
  const ours = stands.map(({ server }) => server).filter((server) => !server.serving);
  const [first] = stands;
  if (!first || away.length + ours.length === 0) return [];
  const states = listed([...ours, ...away].map((one) => `${nameOf(one)} is ${one.status}`));
  const restored = ours.some((one) => one.drained || one.maintenance)
    ? ' Its own server is put to ready after the swap.'
    : '';
  return [
    warn(
      'balancer-degraded',
      `Not every server in front of ${at(first.found)} gets traffic: ${states}.${restored}`,
      'Look whether the others carry the load alone.',
    ),
  ];
};

const balancersOf = (stands: readonly Stand[]): readonly Balancer[] => {
  const all = [...new Set(stands.map(({ balancer }) => balancer))];
  return all.map((balancer) => ({
    host: balancer.host,
    container: balancer.container,
    socket: balancer.socket,
    servers: stands.filter((one) => one.balancer === balancer).map(({ server }) => nameOf(server)),
  }));
};

type Api = { readonly found: Found; readonly stands: readonly Stand[] };

const apisOf = ({ service, hosts }: Observation, readable: readonly Readable[]): readonly Api[] =>
  hosts.flatMap((host) =>
    host.found
      .filter(({ entry }) => entry.name === service.api.container || entry.frontsApi === true)
      .map((found) => ({
        found,
        stands: readable.flatMap((one) => standsOf({ found, host }, one, service)),
      })),
  );

const unknownFinding = (apis: readonly Api[], readable: readonly Readable[]): readonly Finding[] =>
  readable.length === 0
    ? []
    : apis
        .filter(({ stands }) => stands.length === 0)
        .map(({ found }) =>
          warn(
            'balancer-unknown',
            `No server of ${listed(readable.map(place))} stands for ${at(found)}: it is not drained.`,
            `Give api_address of the host in the hosts file as HAProxy has it, and the port where it is not Kolla’s, ${AND_RESTART}.`,
          ),
        );

/** What is drained for each API container, and what people should know of it. Pure. */
export const drainsOf = (
  observation: Observation,
  looked: readonly Looked[],
  graceSeconds: number,
): SeenBalancers => {
  const readable = looked.filter((one): one is Readable => 'seen' in one);
  const apis = apisOf(observation, readable);
  const drains = apis.flatMap(({ found, stands }) => {
    const balancers = balancersOf(stands.filter(isDrainable));
    return balancers.length === 0 ? [] : [[keyOf(found), { balancers, graceSeconds }] as const];
  });
  return {
    drains: new Map(drains),
    problems: [
      ...silentFinding(apis.length > 0 ? looked : []),
      ...levelFinding(apis.flatMap(({ stands }) => stands)),
      ...apis.flatMap(({ stands }) => [
        ...aloneFinding(stands),
        ...lastFinding(stands),
        ...unevenFinding(stands),
      ]),
      ...unknownFinding(apis, readable),
    ],
  };
};
