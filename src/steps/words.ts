import type { ConfigChange, Drain, Owner, SeenContainer, Target } from '../plan/plan.js';
import { parseReference } from '../plan/reference.js';

/** Enough of a digest to tell builds apart. */
const SHORT = 12;

const short = (identity: string | undefined): string =>
  (identity?.split('sha256:').at(-1) ?? '?').slice(0, SHORT);

/** From → to: the tags; the builds where the tag stays; whole references where the repository changes. */
export const change = (old: SeenContainer, target: Target): string => {
  const [before, after] = [parseReference(old.imageRef), parseReference(target.ref)];
  if (before.repository !== after.repository) return `${old.imageRef} → ${target.ref}`;
  if (before.tag !== after.tag) return `${before.tag} → ${after.tag}`;
  return `${before.tag}, build ${short(old.identity)} → ${short(target.digest ?? target.imageId)}`;
};

/** The last part of a reference: `cinder-api:2025.2`. */
export const imageName = (ref: string): string => ref.split('/').at(-1) ?? ref;

/** Empty where nothing is drained. */
export const drainedFirst = (drain: Drain | undefined): string =>
  drain
    ? ` Drained first in ${drain.balancers.map(({ container, host }) => `${container} on ${host}`).join(', ')}.`
    : '';

/** The files that are exchanged with the container. */
export const alsoInstalled = (config?: ConfigChange): string =>
  config ? `, with the target’s configuration in ${config.folder}` : '';

/** From the stop of the old one to the start of the new one, by whoever owns the process. */
export const howSwapped = (graceSeconds: number, owner?: Owner): string => {
  if (!owner) return `Stop within ${graceSeconds} s, start`;
  if (owner.kind === 'unit')
    return `Stop within ${graceSeconds} s and stop its unit, start through the unit (${owner.unit})`;
  return `Rename the old one away, stop it within ${graceSeconds} s, wait until its unit ${owner.unit} starts the new one (about 11 s)`;
};
