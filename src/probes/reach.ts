import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where probes may go: origins (`http://192.0.2.11:8776`) of the inventory's APIs and of the front doors. */
export type Reach = ReadonlySet<string>;

/** Whatever a plan or a journal says: only plain http and https, only to a host and port of the settings. */
export const isInReach = (url: string, reach: Reach): boolean => {
  const asked = URL.canParse(url) ? new URL(url) : undefined;
  return (
    asked !== undefined &&
    /^https?:$/.test(asked.protocol) &&
    asked.username === '' &&
    asked.password === '' &&
    reach.has(asked.origin)
  );
};

/** Not a failure of the service: the settings may have changed since the plan was made. */
export const OUT_OF_REACH = {
  verdict: 'unknown',
  why: 'not asked: its address is none of the settings',
} as const;

/** A URL holds an IPv6 address in brackets, a socket takes it without. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const listOf = (...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const list = new BlockList();
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family);
  return list;
};

/** No API is there: this network's own marks, link-local with the clouds' metadata services in it, groups. RFC 6890. */
const NOWHERE = listOf(
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
);
const HERE = listOf(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']);

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Why an address is not connected to, or `undefined`. `host` is what the operator wrote. */
export const whyNot = (address: string, host: string): string | undefined => {
  if (isIn(NOWHERE, address)) return `${address} is no address of an API`;
  const meant = host === 'localhost' || isIP(host) !== 0;
  return !meant && isIn(HERE, address)
    ? `${host} is ${address}, this machine itself; write that address where it is meant`
    : undefined;
};

/**
 * Resolves a name once and answers with the address that is then connected to, so that a second answer of a name server
 * cannot lead elsewhere. Node asks it for names only, never for addresses.
 */
export const pinnedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const refused = addresses?.map(({ address }) => whyNot(address, host)).find((why) => why !== undefined);
    const failure: NodeJS.ErrnoException | null = error ?? (refused ? new Error(refused) : null);
    const [first] = addresses ?? [];
    if (failure || !first) return done(failure ?? new Error(`${host} has no address`), '', 0);
    return options.all ? done(null, addresses) : done(null, first.address, first.family);
  });
};

/** Throws for an address, not a name, that is not connected to. */
export const requireAddress = (host: string): void => {
  const why = isIP(host) === 0 ? undefined : whyNot(host, host);
  if (why) throw new Error(why);
};
