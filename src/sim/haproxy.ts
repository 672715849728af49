import type { ExecResult } from '../engine/port.js';
import type { SimContainer } from './container.js';

/** A server line of haproxy.cfg; the address is that of a simulated host. */
export type HaproxyServer = { readonly name: string; readonly address: string; readonly port: number };

/** What stands in haproxy.cfg, and what tests change while it runs. */
export type HaproxyConfig = {
  readonly level: 'admin' | 'operator' | 'user';
  readonly backends: readonly { readonly name: string; readonly servers: readonly HaproxyServer[] }[];
  /** Requests under way, by `backend/server`. */
  readonly sessions: Map<string, number>;
};

/** Whether a server answers HAProxy's check now; the simulated HAProxy notices at once. */
export type Check = (server: HaproxyServer) => boolean;

const DRAINED = 8;

/** Runtime orders, forgotten when the process ends. */
const orders = new WeakMap<SimContainer, { readonly since: number; readonly drained: Set<string> }>();

const drainedIn = (container: SimContainer): Set<string> => {
  const since = container.startedAt?.tick ?? 0;
  const known = orders.get(container);
  if (known?.since === since) return known.drained;
  const drained = new Set<string>();
  orders.set(container, { since, drained });
  return drained;
};

const statusOf = (up: boolean, drained: boolean): string => {
  if (!up) return 'DOWN';
  return drained ? 'DRAIN' : 'UP';
};

export type Haproxy = {
  readonly container: SimContainer;
  readonly config: HaproxyConfig;
  readonly check: Check;
};

/** Every server as `show stat` and `show servers state` have it together. */
export const haproxyServers = ({ container, config, check }: Haproxy) => {
  const drained = drainedIn(container);
  return config.backends.flatMap((backend) =>
    backend.servers.map((server) => {
      const name = `${backend.name}/${server.name}`;
      return {
        ...server,
        backend: backend.name,
        drained: drained.has(name),
        status: statusOf(check(server), drained.has(name)),
        sessions: config.sessions.get(name) ?? 0,
      };
    }),
  );
};

const lookAnswer = (haproxy: Haproxy): string => {
  const servers = haproxyServers(haproxy);
  return [
    `level ${haproxy.config.level}`,
    '# pxname,svname,qcur,qmax,scur,status',
    ...servers.map((one) => `${one.backend},${one.name},0,0,${one.sessions},${one.status}`),
    'be_name srv_name srv_addr srv_op_state srv_admin_state srv_port',
    ...servers.map(
      (one) =>
        `${one.backend} ${one.name} ${one.address} ${one.status === 'DOWN' ? 0 : 2} ${one.drained ? DRAINED : 0} ${one.port}`,
    ),
    '',
  ].join('\n');
};

/** HAProxy's own words; a refusal is text with exit code 0 (2.6). */
const obey = (haproxy: Haproxy, name: string, order: string): string => {
  if (haproxy.config.level !== 'admin') return 'Permission denied\n\n';
  if (!haproxyServers(haproxy).some((one) => `${one.backend}/${one.name}` === name))
    return 'No such server.\n\n';
  const drained = drainedIn(haproxy.container);
  if (order === 'drain') drained.add(name);
  else drained.delete(name);
  return '\n';
};

/** What sh and socat in the container print for our scripts, which are told by the command that they ask. */
export const answerAsHaproxy = (haproxy: Haproxy, command: readonly string[]): ExecResult | undefined => {
  const script = command[2] ?? '';
  if (command[0] !== 'sh' || !script.includes('socat')) return undefined;
  const [, name, order] = /set server (\S+) state (\w+)/.exec(script) ?? [];
  if (name !== undefined && order !== undefined) return { exitCode: 0, output: obey(haproxy, name, order) };
  return { exitCode: 0, output: lookAnswer(haproxy) };
};
