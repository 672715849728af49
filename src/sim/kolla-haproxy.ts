import type { SimCloud } from './cloud.js';
import type { HaproxyConfig } from './haproxy.js';
import { simImage } from './image.js';
import type { KollaContainer } from './kolla-shape.js';

export type HaproxyWish = {
  /** Default: admin, which is not Kolla's default. */
  readonly level?: HaproxyConfig['level'];
  /** Servers beyond the hosts' own, which nothing answers for; in every backend. */
  readonly dead?: readonly string[];
};

const DEAD_ADDRESS = '127.9.9.9';

/** kolla-ansible's ids of the two backends (roles/haproxy-config). */
const backendsOf = (container: string): readonly string[] =>
  container === 'keystone'
    ? ['keystone_internal_back', 'keystone_external_back']
    : [`${container}_back`, `${container}_external_back`];

const configOf = (
  cloud: SimCloud,
  apis: readonly { readonly name: string; readonly port: number }[],
  { level = 'admin', dead = [] }: HaproxyWish,
): HaproxyConfig => ({
  level,
  sessions: new Map(),
  backends: apis.flatMap(({ name, port }) =>
    backendsOf(name).map((backend) => ({
      name: backend,
      servers: [
        ...cloud.hosts.map((host) => ({ name: host.name, address: host.address, port })),
        ...dead.map((server) => ({ name: server, address: DEAD_ADDRESS, port })),
      ],
    })),
  ),
});

export type Install = {
  readonly cloud: SimCloud;
  readonly containers: readonly KollaContainer[];
  readonly wish: HaproxyWish;
  readonly options: { readonly prefix?: string; readonly ports?: Readonly<Record<string, number>> };
};

/** A HAProxy container on every host; each keeps its own orders, as each process does. */
export const installHaproxy = async ({
  cloud,
  containers,
  wish,
  options,
}: Install): Promise<ReadonlyMap<string, HaproxyConfig>> => {
  const apis = containers.flatMap(({ name, port, service }) =>
    port === undefined ? [] : [{ name, port: options.ports?.[service] ?? port }],
  );
  const configs = new Map<string, HaproxyConfig>();
  for (const host of cloud.hosts) {
    const config = configOf(cloud, apis, wish);
    configs.set(host.name, config);
    const ref = `haproxy.test/haproxy-${host.name}:1`;
    cloud.registry.push(
      ref,
      simImage(ref, { behaviour: { balancer: { config, hosts: () => cloud.hosts } } }),
    );
    const engine = cloud.operator(host.name);
    await engine.pull(ref);
    const body = {
      Image: ref,
      HostConfig: { NetworkMode: 'host', RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
    };
    await engine.start(await engine.create(`${options.prefix ?? ''}haproxy`, { body, connect: [] }));
  }
  return configs;
};
