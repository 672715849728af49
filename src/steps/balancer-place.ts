import type { BalancerSeen, ServerSeen } from '../balancer/answers.js';
import { orderServer, readBalancer } from '../balancer/haproxy.js';
import { othersIn } from '../balancer/servers.js';
import type { Order, Socket } from '../balancer/socket.js';
import type { Engine } from '../engine/port.js';
import type { Balancer, Drain } from '../plan/plan.js';
import { act } from './act.js';
import { type StepContext, StepFailed } from './context.js';

/** One server in one HAProxy; `name` is `backend/server`. */
export type Place = { readonly balancer: Balancer; readonly name: string };

/** A place as it is journaled; `target` is its `backend/server`. */
export type LeftServer = {
  readonly host: string;
  readonly container: string;
  readonly socket: string;
  readonly target: string;
};

export const leftAt = ({ balancer: { host, container, socket }, name }: Place): LeftServer => ({
  host,
  container,
  socket,
  target: name,
});

export const isSameServer = (one: LeftServer, other: LeftServer): boolean =>
  one.host === other.host &&
  one.container === other.container &&
  one.socket === other.socket &&
  one.target === other.target;

export const placeOfLeft = ({ target, ...balancer }: LeftServer): Place => ({
  balancer: { ...balancer, servers: [target] },
  name: target,
});

export const placesOf = ({ balancers }: Drain): readonly Place[] =>
  balancers.flatMap((balancer) => balancer.servers.map((name) => ({ balancer, name })));

export const balancerInWords = ({ container, host }: Balancer): string => `${container} on ${host}`;
export const placeInWords = ({ balancer, name }: Place): string => `${name} in ${balancerInWords(balancer)}`;

type Engines = { readonly engine: (host: string) => Engine };

export const socketOf = ({ engine }: Engines, { host, container, socket }: Balancer): Socket => ({
  engine: engine(host),
  container,
  path: socket,
});

export const readAt = (engines: Engines, balancer: Balancer): Promise<BalancerSeen> =>
  readBalancer(socketOf(engines, balancer));

/** `undefined` where HAProxy has no such server any more. */
export const serverIn = ({ servers }: BalancerSeen, name: string): ServerSeen | undefined =>
  servers.find(({ backend, server }) => `${backend}/${server}` === name);

/** Its process still answers HAProxy's checks: to take it out takes something away. */
const isAlive = ({ status }: ServerSeen): boolean => !/^(DOWN|MAINT)/.test(status);

/** Our living servers that no other server would stand in for. */
export const withoutOthers = (seen: BalancerSeen, { servers }: Balancer): readonly string[] =>
  servers.filter((name) => {
    const server = serverIn(seen, name);
    return (
      server !== undefined &&
      isAlive(server) &&
      !othersIn(seen, server.backend, servers).some((other) => other.serving)
    );
  });

export const alive = (seen: BalancerSeen, name: string): boolean => {
  const server = serverIn(seen, name);
  return server !== undefined && isAlive(server);
};

const isObeyed = (server: ServerSeen, order: Order): boolean =>
  order === 'drain' ? server.drained : !server.drained && !server.maintenance;

/** Drains one server, or puts it back; looks first, and may be repeated. */
export const orderAt = (context: StepContext, place: Place, order: Order): Promise<void> =>
  act(context, {
    host: place.balancer.host,
    op: order,
    target: placeInWords(place),
    satisfied: async () => {
      const server = serverIn(await readAt(context, place.balancer), place.name);
      if (server) return isObeyed(server, order);
      if (order === 'ready') return true;
      throw new StepFailed(
        `${balancerInWords(place.balancer)} has no server ${place.name} any more: plan again.`,
      );
    },
    call: () => orderServer(socketOf(context, place.balancer), { name: place.name, order }),
  });
