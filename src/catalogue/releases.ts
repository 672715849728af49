/** One OpenStack release. `kolla` is the major version of kolla and kolla-ansible, which private registries use as tag. */
export type Release = {
  readonly id: string;
  readonly name: string;
  readonly slurp: boolean;
  readonly kolla: number;
};

/** Oldest first. Source: openstack/releases data/series_status.yaml; SLURP: TC resolution of 2022-02-10. */
export const RELEASES: readonly Release[] = [
  { id: 'victoria', name: 'victoria', slurp: false, kolla: 11 },
  { id: 'wallaby', name: 'wallaby', slurp: false, kolla: 12 },
  { id: 'xena', name: 'xena', slurp: false, kolla: 13 },
  { id: 'yoga', name: 'yoga', slurp: false, kolla: 14 },
  { id: 'zed', name: 'zed', slurp: false, kolla: 15 },
  { id: '2023.1', name: 'antelope', slurp: true, kolla: 16 },
  { id: '2023.2', name: 'bobcat', slurp: false, kolla: 17 },
  { id: '2024.1', name: 'caracal', slurp: true, kolla: 18 },
  { id: '2024.2', name: 'dalmatian', slurp: false, kolla: 19 },
  { id: '2025.1', name: 'epoxy', slurp: true, kolla: 20 },
  { id: '2025.2', name: 'flamingo', slurp: false, kolla: 21 },
  { id: '2026.1', name: 'gazpacho', slurp: true, kolla: 22 },
  { id: '2026.2', name: 'hibiscus', slurp: false, kolla: 23 },
];

export const releaseNamed = (word: string): Release | undefined =>
  RELEASES.find((release) => release.id === word.toLowerCase() || release.name === word.toLowerCase());

/**
 * The release that an image tag belongs to: Kolla's tags begin with the release (`2025.1-ubuntu-noble`), kolla-build's
 * own default is kolla's version (`20.5.0`). `undefined` when neither fits.
 */
export const releaseOfTag = (tag: string): Release | undefined => {
  const first = tag.split('-')[0] ?? tag;
  const byName = releaseNamed(first);
  if (byName) return byName;
  const kolla = /^(\d{2})\.\d+\.\d+$/.exec(first);
  return kolla ? RELEASES.find((release) => release.kolla === Number(kolla[1])) : undefined;
};

export type Jump = { readonly supported: boolean; readonly reason: string };

/**
 * Whether OpenStack supports going from one release to another: the next one, or from a SLURP release to the next
 * SLURP one (skipping exactly one). Down is never supported.
 */
export const judgeJump = (from: Release, to: Release): Jump => {
  const distance = RELEASES.indexOf(to) - RELEASES.indexOf(from);
  if (distance === 0) return { supported: true, reason: 'same release' };
  if (distance < 0)
    return { supported: false, reason: `OpenStack supports no downgrade (${from.id} to ${to.id}).` };
  if (distance === 1) return { supported: true, reason: 'the next release' };
  if (distance === 2 && from.slurp && to.slurp)
    return { supported: true, reason: 'from SLURP to the next SLURP' };
  const next = RELEASES[RELEASES.indexOf(from) + 1];
  return {
    supported: false,
    reason: `OpenStack supports ${from.id} → ${next?.id ?? '?'}${from.slurp ? ' or the next SLURP release' : ''}, not ${from.id} → ${to.id}.`,
  };
};
