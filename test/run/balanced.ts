import { readBalancer } from '../../src/balancer/haproxy.js';
import type { Run } from '../../src/run/run.js';
import type { CallSite, Fault } from '../../src/sim/faults.js';
import type { KollaScene } from '../sim/kolla.js';
import { ANN, BOB, cinderCloud, type Life, withoutPorts } from './scene.js';

export const SOCKET = '/var/lib/kolla/haproxy/haproxy.sock';

const HEALTH = { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' };

/** Two hosts with one placement API each behind a HAProxy each; a newer build of the running release is there. */
export const balancedScene = async (options: Parameters<typeof cinderCloud>[0] = {}): Promise<KollaScene> => {
  const scene = withoutPorts(
    await cinderCloud({
      hosts: 2,
      services: ['placement'],
      haproxy: {},
      releases: [{ id: '2025.1' }],
      ...options,
      config: { health: HEALTH, ...options.config },
    }),
  );
  if (options.releases === undefined) scene.rebuild('2025.1', 'b2');
  return scene;
};

/** What each HAProxy would say now, asked by a person. */
export const serversNow = async (scene: KollaScene) => {
  const all = scene.hosts.map(async ({ name }) => {
    const engine = scene.cloud.operator(name);
    const { servers } = await readBalancer({ engine, container: 'haproxy', path: SOCKET });
    return servers.map((server) => ({ ...server, name: `${server.backend}/${server.server} on ${name}` }));
  });
  return (await Promise.all(all)).flat();
};

export const drainedNow = async (scene: KollaScene): Promise<readonly string[]> =>
  (await serversNow(scene)).filter(({ drained }) => drained).map(({ name }) => name);

/** Orders to HAProxy and what happens to containers, in the order in which they took effect. */
export const effectsOf = (scene: KollaScene, calls = ['exec', 'stop', 'start']): readonly string[] =>
  scene.cloud.calls
    .filter(({ call, took }) => took === 'effect' && calls.includes(call))
    .map(({ call, host, name, detail }) =>
      call === 'exec'
        ? `${detail?.replace(/^set server (\S+) state (\w+)$/, '$2 $1')} at ${host}`
        : `${call} ${name?.split('__')[0]} at ${host}`,
    );

/** A fault at the nth order to a HAProxy. */
export const atOrder = (nth: number, fault: Fault) => {
  let count = 0;
  return (site: CallSite): Fault => {
    if (!site.mutating || site.call !== 'exec') return 'ok';
    count += 1;
    return count === nth ? fault : 'ok';
  };
};

export const upgradeBuild = async ({ app }: Life): Promise<Run> => {
  const { id } = await app.upgrade(ANN, { service: 'placement', overrides: {} });
  await app.approve(BOB, id);
  return app.settled(id);
};
