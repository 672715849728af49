import { randomInt } from 'node:crypto';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Identity } from '../../src/demo/cloud/identity.js';
import type { LocalEngine } from '../../src/demo/cloud/local-engine.js';
import { freePort } from '../../src/demo/free-port.js';
import { refOf, SOCKET, tagOf } from './images.js';

export type Ground = { readonly engine: LocalEngine; readonly identity: Identity };

/** A host is a prefix of container names and an address of the loopback network; both are on one engine. */
export type BalancedHost = {
  readonly name: string;
  readonly prefix: string;
  readonly address: string;
  /** Where its HAProxy takes requests. */
  readonly door: string;
};

export type BalancedCloud = {
  readonly hosts: readonly BalancedHost[];
  readonly port: number;
  /** New HAProxy processes, as a redeploy makes them, and every server seen up. */
  restartBalancers(level: 'admin' | 'operator'): Promise<void>;
  close(): Promise<void>;
};

const hostsFor = (identity: Identity, count: number, frontPort: number): readonly BalancedHost[] => {
  const net = `127.${1 + randomInt(250)}.${randomInt(250)}`;
  return Array.from({ length: count }, (_, at) => ({
    name: `ctl${at + 1}`,
    prefix: `${identity.prefix}ctl${at + 1}_`,
    address: `${net}.${at + 1}`,
    door: `http://${net}.${at + 101}:${frontPort}`,
  }));
};

/** kolla-ansible's defaults and backend (roles/loadbalancer and haproxy-config, 2026.1), without the parts for TLS and logs. */
const haproxyCfg = (
  hosts: readonly BalancedHost[],
  { door, port, level }: { door: string; port: number; level: string },
): string => `
global
    maxconn 4000
    stats socket ${SOCKET} mode 660${level === 'admin' ? ' level admin' : ''}
defaults
    mode http
    option forwardfor
    option redispatch
    retries 3
    balance roundrobin
    timeout http-request 10s
    timeout http-keep-alive 10s
    timeout queue 1m
    timeout connect 10s
    timeout client 1m
    timeout server 1m
    timeout check 10s
frontend placement_api_front
    bind ${new URL(door).host}
    default_backend placement_api_back
backend placement_api_back
    option httpchk GET /
${hosts.map(({ name, address }) => `    server ${name} ${address}:${port} check inter 2000 rise 2 fall 5`).join('\n')}
`;

const apiOf = (identity: Identity, host: BalancedHost, port: number): Docker.ContainerCreateOptions => ({
  name: `${host.prefix}placement_api`,
  Image: refOf(identity, 'placement-api', tagOf('old')),
  Env: [`API_ADDRESS=${host.address}`, `API_PORT=${port}`],
  Healthcheck: {
    Test: ['CMD', 'healthcheck_curl', `http://${host.address}:${port}/`],
    Interval: 30e9,
    Timeout: 30e9,
    Retries: 3,
  },
  HostConfig: { NetworkMode: 'host', RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } },
});

const haproxyOf = (identity: Identity, host: BalancedHost, cfg: string): Docker.ContainerCreateOptions => ({
  name: `${host.prefix}haproxy`,
  Image: refOf(identity, 'haproxy', '1'),
  Env: [`HAPROXY_CFG=${cfg}`],
  HostConfig: { NetworkMode: 'host', RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } },
});

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    get(url, { agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on('error', () => resolve(false));
  });

const WITHIN_MS = 30_000;

const untilAnswers = async (urls: readonly string[]): Promise<void> => {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    if ((await Promise.all(urls.map(answers))).every(Boolean)) return;
    if (Date.now() > deadline)
      throw new Error(`no good answer within ${WITHIN_MS / 1_000} s of ${urls.join(', ')}`);
    await sleep(100);
  }
};

const removeNamed = async (docker: Docker, name: string): Promise<void> => {
  const all = await docker.listContainers({ all: true, filters: { name: [`^/${name}`] } });
  await Promise.all(all.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
};

/** APIs and HAProxies of `count` hosts, all answering. */
export const openCloud = async (
  { engine, identity }: Ground,
  { count, level }: { count: number; level: 'admin' | 'operator' },
): Promise<BalancedCloud> => {
  const { docker } = engine;
  const [port, frontPort] = [await freePort(), await freePort()];
  const hosts = hostsFor(identity, count, frontPort);
  const startBalancers = async (wanted: 'admin' | 'operator'): Promise<void> => {
    for (const host of hosts) {
      await removeNamed(docker, `${host.prefix}haproxy`);
      const cfg = haproxyCfg(hosts, { door: host.door, port, level: wanted });
      await (await docker.createContainer(haproxyOf(identity, host, cfg))).start();
    }
    await untilAnswers(hosts.map(({ door }) => `${door}/`));
  };
  for (const host of hosts) await (await docker.createContainer(apiOf(identity, host, port))).start();
  await untilAnswers(hosts.map(({ address }) => `http://${address}:${port}/`));
  await startBalancers(level);
  return {
    hosts,
    port,
    restartBalancers: startBalancers,
    close: async () => {
      for (const { prefix } of hosts) await removeNamed(docker, prefix);
    },
  };
};
