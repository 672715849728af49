import type { ContainerSpec } from '../engine/port.js';
import type { SimContainer } from './container.js';
import { hex64 } from './image.js';
import { mergeConfig, mergeHostConfig } from './merge.js';
import { mountsOf } from './mounts.js';
import { findContainer, type SimHost, type World } from './world.js';

type Refused = { readonly message: string; readonly status: number };
type Body = ContainerSpec['body'];

const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const endpointsOf = (body: Body): Record<string, unknown> =>
  record(record(body.NetworkingConfig).EndpointsConfig);

export const nameConflict = (host: SimHost, name: string): Refused | undefined => {
  const holder = [...host.containers.values()].find((one) => one.name === name);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    return { message: `Invalid container name (${name})`, status: 400 };
  if (!holder) return undefined;
  const message = `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`;
  return { message, status: 409 };
};

/** Docker's own checks of a create body, as far as a clone can fail them (moby runconfig/hostconfig_unix.go). */
const whyBadBody = (body: Body): Refused | undefined => {
  const host = record(body.HostConfig);
  const mode = String(host.NetworkMode ?? '');
  const joined = mode.startsWith('container:');
  const endpoints = Object.keys(endpointsOf(body));
  const targets = [
    ...strings(host.Binds).map((bind) => bind.split(':')[1]),
    ...(Array.isArray(host.Mounts) ? host.Mounts.map((mount) => record(mount).Target) : []),
  ];
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  const bad = (message: string): Refused => ({ message, status: 400 });
  if (joined && body.Hostname) return bad('conflicting options: hostname and the network mode');
  if (host.UTSMode === 'host' && body.Hostname) return bad('conflicting options: hostname and the UTS mode');
  if (/^(container:|host$)/.test(mode) && body.MacAddress)
    return bad('conflicting options: mac-address and the network mode');
  if (joined && Object.keys(record(body.ExposedPorts)).length > 0)
    return bad('conflicting options: port exposing and the container type network mode');
  if (endpoints.length > 1)
    return bad(`Container cannot be connected to network endpoints: ${endpoints.join(', ')}`);
  return twice === undefined ? undefined : bad(`Duplicate mount point: ${String(twice)}`);
};

const hostnameOf = (host: SimHost, body: Body, id: string): string => {
  const mode = String(record(body.HostConfig).NetworkMode ?? '');
  const joined = mode.startsWith('container:')
    ? findContainer(host, mode.slice('container:'.length))
    : undefined;
  if (typeof body.Hostname === 'string' && body.Hostname !== '') return body.Hostname;
  if (mode === 'host') return host.name;
  return joined ? String(joined.config.Hostname) : id.slice(0, 12);
};

/** Attachments of a create body: one network, and none for `container:`. */
const firstNetwork = (mode: string, body: Body): SimContainer['attachments'] => {
  if (mode.startsWith('container:')) return [];
  const network = mode === 'default' ? 'bridge' : mode;
  const asked = record(endpointsOf(body)[mode] ?? endpointsOf(body)[network]);
  return [{ network, asked, later: false }];
};

/** A new container that was never started, or Docker's refusal. */
export const createContainer = (
  world: World,
  host: SimHost,
  wanted: { name: string; spec: ContainerSpec },
): SimContainer | Refused => {
  const { name, spec } = wanted;
  const body = structuredClone(spec.body);
  const image = host.images.find(String(body.Image ?? ''));
  const refused = nameConflict(host, name) ?? whyBadBody(body);
  if (refused) return refused;
  if (!image) return { message: `No such image: ${String(body.Image)}`, status: 404 };
  const id = hex64(`${host.name} container ${world.next()}`);
  const config = mergeConfig(body, image.config, hostnameOf(host, body, id));
  if (config.Cmd === null && config.Entrypoint === null)
    return { message: 'No command specified', status: 400 };
  const hostConfig = mergeHostConfig(body);
  const joined = /^container:(.+)$/.exec(hostConfig.NetworkMode)?.[1];
  const target = joined === undefined ? undefined : findContainer(host, joined);
  if (joined !== undefined && !target) return { message: `No such container: ${joined}`, status: 404 };
  if (target) hostConfig.NetworkMode = `container:${target.id}`;
  const from = strings(hostConfig.VolumesFrom).map(
    (source) => findContainer(host, source.split(':')[0] ?? source)?.mounts ?? [],
  );
  return {
    id,
    name,
    image,
    createdAt: world.clock.now(),
    config,
    hostConfig,
    mounts: mountsOf(
      {
        binds: strings(hostConfig.Binds),
        mounts: Array.isArray(hostConfig.Mounts) ? hostConfig.Mounts.map(record) : [],
        from,
        declared: Object.keys(record(config.Volumes)),
      },
      { volumes: host.volumes, image, id },
    ),
    layer: new Map(),
    attachments: firstNetwork(hostConfig.NetworkMode, body),
    life: 'created',
    exitCode: 0,
    error: '',
    restartCount: 0,
    stoppedByHand: false,
    looks: 0,
    log: [],
  };
};
