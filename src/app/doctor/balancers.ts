import type { BalancerSeen } from '../../balancer/answers.js';
import { commandFor, readBalancer } from '../../balancer/haproxy.js';
import { nameOf } from '../../engine/inspect.js';
import { messageOf } from '../../errors.js';
import { ACTIVE } from '../../run/phase.js';
import { type Check, type HostCheck, type HostUnderCheck, know, mend, names, verb, well } from './check.js';

const silent = (container: string, socket: string, error: unknown): Check =>
  mend('balancer-silent', {
    what: `${container} does not answer at its admin socket ${socket}: ${messageOf(error)}.`,
    why: 'No server is drained there: what is in flight when an API stops may fail.',
    wayOut:
      'Its container needs sh, socat and that socket; load_balancer names another container or socket, where they differ.',
  });

const levelCheck = (container: string, { level }: BalancerSeen): Check =>
  level === 'admin'
    ? well('balancer-level', `${container} takes orders at its admin socket.`)
    : know('balancer-level', {
        what: `The admin socket of ${container} takes no orders: its level is ${level}.`,
        why: 'No server is drained: redispatch is left, and a few requests fail at each API’s swap.',
        wayOut:
          'Set `haproxy_socket_level_admin: true` in globals.yml and run `kolla-ansible reconfigure -t loadbalancer` (it restarts HAProxy).',
      });

/** Nobody's run is at work, and still a server is taken out: a person did it, or a run that could not end. */
const takenOut = (
  { workshop }: HostUnderCheck,
  { container, socket }: { container: string; socket: string },
  { servers }: BalancerSeen,
): readonly Check[] => {
  const out = servers
    .filter(({ drained, maintenance }) => drained || maintenance)
    .map(({ backend, server }) => `${backend}/${server}`);
  const busy = Object.values(workshop.journal.state().runs).some(({ phase }) => ACTIVE.includes(phase));
  const [first] = out;
  if (first === undefined || busy) return [];
  return [
    know('balancer-drained', {
      what: `${names(out)} ${verb(out, 'is', 'are')} taken out of ${container} (drained, or in maintenance).`,
      why: 'It gets no requests, and the others carry its load.',
      wayOut: `If nobody did it on purpose: \`${commandFor({ container, socket }, { name: first, order: 'ready' })}\``,
    }),
  ];
};

export const balancers: HostCheck = async (seen) => {
  const { host, engine, containers, workshop } = seen;
  const { container: kollaName, socket, drain } = workshop.config.load_balancer;
  const container = `${host.container_prefix}${kollaName}`;
  const running = containers.some((one) => nameOf(one) === container && one.State.Running);
  if (!running) return [well('balancer-level', 'No load balancer runs here.')];
  if (!drain)
    return [well('balancer-level', `${container} is left alone, as load_balancer.drain: false says.`)];
  try {
    const read = await readBalancer({ engine, container, path: socket });
    return [levelCheck(container, read), ...takenOut(seen, { container, socket }, read)];
  } catch (error) {
    return [silent(container, socket, error)];
  }
};
