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
