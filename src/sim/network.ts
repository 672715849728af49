import { hex64 } from './image.js';

/** Networks of one host by name; `subnet` is the first three bytes of a /24, absent for those without addresses. */
export type Networks = Map<string, { readonly id: string; readonly subnet?: string }>;

export type Attachment = {
  readonly network: string;
  /** What was asked for: `EndpointSettings` of the create or connect call. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Joined by a connect call after the create; Docker then adds the short id to the aliases at once. */
  readonly later: boolean;
  /** Set while the container runs. */
  live?: { readonly ip: string; readonly mac: string; readonly endpointId: string };
};

export const presetNetworks = (host: string): Networks =>
  new Map([
    ['bridge', { id: hex64(`${host} bridge`), subnet: '172.17.0' }],
    ['host', { id: hex64(`${host} host`) }],
    ['none', { id: hex64(`${host} none`) }],
  ]);

const PRESET = ['bridge', 'host', 'none'];

const askedIp = (attachment: Attachment): string | undefined => {
  const ipam = attachment.asked.IPAMConfig;
  if (ipam === null || typeof ipam !== 'object') return undefined;
  const ip = (ipam as Record<string, unknown>).IPv4Address;
  return typeof ip === 'string' && ip !== '' ? ip : undefined;
};

const macOf = (ip: string): string =>
  `02:42:${ip
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join(':')}`;

/** Gives an address; answers with Docker's sentence when the wished one is taken or the network is not there. */
export const connectLive = (
  attachment: Attachment,
  world: { networks: Networks; taken: ReadonlySet<string>; id: string; mac?: string },
): string | undefined => {
  const network = world.networks.get(attachment.network);
  if (!network) return `network ${attachment.network} not found`;
  const endpointId = hex64(`endpoint ${world.id} ${attachment.network}`);
  if (network.subnet === undefined) {
    attachment.live = { ip: '', mac: '', endpointId };
    return undefined;
  }
  const wished = askedIp(attachment);
  if (wished !== undefined && world.taken.has(wished)) return 'Address already in use';
  const free = Array.from({ length: 253 }, (_, n) => `${network.subnet}.${n + 2}`).find(
    (ip) => !world.taken.has(ip),
  );
  const ip = wished ?? free;
  if (ip === undefined) return 'no available IPv4 addresses on this network';
  attachment.live = { ip, mac: world.mac ?? macOf(ip), endpointId };
  return undefined;
};

/** Of an object that was asked for every answer has a copy. */
const copied = <T>(value: unknown): T | null =>
  value === undefined || value === null ? null : structuredClone(value as T);

/** One entry of `NetworkSettings.Networks`. */
export const endpointOf = (attachment: Attachment, world: { networks: Networks; id: string }) => {
  const { live, asked, network } = attachment;
  const own = Array.isArray(asked.Aliases) ? asked.Aliases.map(String) : [];
  const named = !PRESET.includes(network) && (live !== undefined || attachment.later);
  const aliases = [...new Set([...own, ...(named ? [world.id.slice(0, 12)] : [])])];
  const subnet = world.networks.get(network)?.subnet;
  const ip = live?.ip ?? '';
  return {
    IPAMConfig: copied<Record<string, unknown>>(asked.IPAMConfig),
    Links: Array.isArray(asked.Links) ? asked.Links.map(String) : null,
    Aliases: aliases.length > 0 ? aliases : null,
    NetworkID: live ? (world.networks.get(network)?.id ?? '') : '',
    EndpointID: live?.endpointId ?? '',
    Gateway: ip !== '' && subnet !== undefined ? `${subnet}.1` : '',
    IPAddress: ip,
    IPPrefixLen: ip !== '' ? 24 : 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: live?.mac ?? '',
    DriverOpts: copied<Record<string, string>>(asked.DriverOpts),
  };
};
