import { setTimeout as sleep } from 'node:timers/promises';
import type { Shape } from '../config/shape.js';
import { SHAPES } from '../config/shape.js';
import { ADDRESS, HOSTS, imageOf, PASSWORD, PORTS, PREFIX, VIP } from '../places.js';
import { etcOf, execIn, type Host, pull, renderedOf, runOnce, start, writeFolder } from './host.js';
import { registerCinder } from './identity.js';

const RELEASE = 'zed';
const LABELS = { 'org.stackswap.openstack-test': '1' };
const { mariadb, memcached, rabbitmq, haproxy, keystone, cinderApi, cinderScheduler, cinderVolume } = SHAPES;
const ALL: readonly Shape[] = Object.values(SHAPES);
const OPENSTACK: readonly Shape[] = [keystone, cinderApi, cinderScheduler, cinderVolume];

type Hosts = readonly [Host, Host];

const on = (hosts: Hosts, shape: Shape): readonly Host[] =>
  hosts.filter(({ name }) => shape.hosts.includes(name));
const startAll = (hosts: Hosts, shape: Shape): Promise<unknown> =>
  Promise.all(on(hosts, shape).map((host) => start(host, shape, RELEASE)));

const volumeNames = [
  ...new Set(['kolla_logs', ...ALL.flatMap(({ volumes }) => volumes ?? []).map((one) => one.split(':')[0])]),
];

/** Each host's /etc/kolla of Zed, and what the bot's machine has of both releases. */
const writeConfigs = async (): Promise<void> => {
  for (const shape of ALL)
    for (const host of shape.hosts) await writeFolder(shape, host, { release: RELEASE, below: etcOf(host) });
  for (const shape of OPENSTACK)
    for (const release of ['zed', '2025.1'] as const)
      for (const host of shape.hosts)
        await writeFolder(shape, host, { release, below: renderedOf(release, host) });
};

const prepare = async (host: Host): Promise<void> => {
  for (const name of volumeNames)
    await host.docker.createVolume({ Name: `${PREFIX}${name}`, Labels: LABELS });
  for (const shape of ALL.filter(({ hosts }) => hosts.includes(host.name))) await pull(host, shape, RELEASE);
};

const startDatabase = async (first: Host): Promise<void> => {
  await runOnce(first, mariadb, {
    release: RELEASE,
    env: ['KOLLA_BOOTSTRAP=', `DB_ROOT_PASSWORD=${PASSWORD}`],
  });
  await start(first, mariadb, RELEASE);
  const sql = ['keystone', 'cinder']
    .map(
      (name) =>
        `CREATE DATABASE ${name}; CREATE USER '${name}'@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON ${name}.* TO '${name}'@'%';`,
    )
    .join(' ');
  await execIn(first, mariadb, ['mariadb', '-h', ADDRESS.ctl1.api, '-uroot', `-p${PASSWORD}`, '-e', sql]);
};

const MAKE_KEYS = `kolla_set_configs >/dev/null && chown keystone:keystone /etc/keystone/fernet-keys &&
  chmod 700 /etc/keystone/fernet-keys && mkdir -p /var/log/kolla/keystone && chown keystone /var/log/kolla/keystone &&
  keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone`;

/** The same keys everywhere; in Kolla keystone_fernet and keystone_ssh see to that. */
const shareKeys = async ([first, second]: Hosts): Promise<void> => {
  await runOnce(first, keystone, { release: RELEASE, command: ['bash', '-c', MAKE_KEYS] });
  const path = '/etc/keystone/fernet-keys';
  const holderOn = ({ docker }: Host) =>
    docker.createContainer({
      name: `${PREFIX}key_holder`,
      Image: imageOf(keystone.image, RELEASE),
      HostConfig: { NetworkMode: 'host', Binds: [`${PREFIX}keystone_fernet_tokens:${path}`] },
    });
  const [from, to] = [await holderOn(first), await holderOn(second)];
  await to.putArchive(await from.getArchive({ path }), { path: '/etc/keystone' });
  await Promise.all([from.remove(), to.remove()]);
};

const bootstrapKeystone = async (first: Host): Promise<void> => {
  const url = `http://${VIP}:${PORTS.keystone}`;
  await execIn(first, keystone, [
    ...['keystone-manage', 'bootstrap', '--bootstrap-password', PASSWORD],
    ...[
      '--bootstrap-username',
      'admin',
      '--bootstrap-project-name',
      'admin',
      '--bootstrap-role-name',
      'admin',
    ],
    ...['--bootstrap-service-name', 'keystone', '--bootstrap-region-id', 'RegionOne'],
    ...['--bootstrap-admin-url', url, '--bootstrap-internal-url', url, '--bootstrap-public-url', url],
  ]);
};

/** Every HAProxy sends traffic to every server: state is per process. */
const untilBalanced = async (hosts: Hosts): Promise<void> => {
  const end = Date.now() + 60_000;
  const down = async (): Promise<readonly string[]> => {
    const tables = await Promise.all(
      hosts.map((host) =>
        execIn(host, haproxy, [
          'sh',
          '-c',
          'echo show stat | socat stdio unix-connect:/var/lib/kolla/haproxy/haproxy.sock',
        ]),
      ),
    );
    return tables
      .flatMap((table) => table.split('\n').map((line) => line.split(',')))
      .filter((cells) => HOSTS.some((host) => host === cells[1]) && cells[17] !== 'UP')
      .map((cells) => `${cells[0]}/${cells[1]} ${cells[17]}`);
  };
  for (;;) {
    const left = await down();
    if (left.length === 0) return;
    if (Date.now() > end) throw new Error(`HAProxy does not send traffic to ${left.join(', ')}`);
    await sleep(500);
  }
};

/** Zed on both hosts, as an operator has it who ran `kolla-ansible deploy`. */
export const bringUp = async (hosts: Hosts): Promise<void> => {
  const [first] = hosts;
  await Promise.all([writeConfigs(), ...hosts.map(prepare)]);
  await Promise.all([
    startDatabase(first),
    startAll(hosts, memcached),
    startAll(hosts, rabbitmq),
    startAll(hosts, haproxy),
    shareKeys(hosts),
  ]);
  await Promise.all([
    runOnce(first, keystone, { release: RELEASE, env: ['KOLLA_BOOTSTRAP='] }),
    runOnce(first, cinderApi, { release: RELEASE, env: ['KOLLA_BOOTSTRAP='] }),
  ]);
  await startAll(hosts, keystone);
  await bootstrapKeystone(first);
  await Promise.all([startAll(hosts, cinderApi), startAll(hosts, cinderVolume)]);
  // After cinder-volume, which it asks for its report: where both start at a time, either may miss the other.
  await startAll(hosts, cinderScheduler);
  await untilBalanced(hosts);
  await registerCinder();
};
