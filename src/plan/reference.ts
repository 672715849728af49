import { registryOf } from '../engine/credentials.js';

/**
 * An image reference in Kolla's pattern `{registry}/{namespace}/{prefix}{image}:{tag}`
 * (kolla-ansible, group_vars/all/common.yml). Registry and namespace may be absent.
 */
export type Reference = { readonly repository: string; readonly tag: string };

export const parseReference = (ref: string): Reference => {
  const bare = ref.split('@')[0] ?? ref;
  const slash = bare.lastIndexOf('/');
  const colon = bare.indexOf(':', slash + 1);
  return colon < 0
    ? { repository: bare, tag: 'latest' }
    : { repository: bare.slice(0, colon), tag: bare.slice(colon + 1) };
};

export type Naming = {
  readonly registry?: string | undefined;
  readonly namespace?: string | undefined;
  readonly prefix: string;
};

/** The running reference's repository, or the one that the hosts file names for the image; with another tag. */
export const withTag = (
  running: string,
  tag: string,
  naming: Naming & { readonly image: string },
): string => {
  const { registry, namespace, prefix, image } = naming;
  if (registry === undefined && namespace === undefined)
    return `${parseReference(running).repository}:${tag}`;
  return `${[registry, namespace, `${prefix}${image}`].filter((part) => part).join('/')}:${tag}`;
};

/** As people write it in `images.registries`. */
const HUB = 'docker.io';

/** A reference's repository with its registry in front, as the engine would complete it: `docker.io/library/busybox`. */
const fullRepository = (ref: string): string => {
  const { repository } = parseReference(ref);
  const registry = registryOf(ref);
  if (!registry.startsWith('https://')) return repository;
  const path = repository.replace(/^(?:index\.)?docker\.io\//, '');
  return `${HUB}/${path.includes('/') ? path : `library/${path}`}`;
};

/** `registry[:port]`, or with a path below which everything is allowed: `quay.io/openstack.kolla`. */
export const isAllowed = (ref: string, registries: readonly string[]): boolean => {
  const repository = fullRepository(ref);
  return registries.some((one) => repository.startsWith(`${one.replace(/(?<!\/)\/+$/, '')}/`));
};

export const registryName = (ref: string): string => fullRepository(ref).split('/')[0] ?? '';
