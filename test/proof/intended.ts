import type { CallSite } from '../../src/sim/faults.js';
import { baseName } from '../../src/sim/invariants.js';

/** Calls whose target is no container. */
const OTHERWISE: readonly string[] = ['pull', 'exec'];
const UNIT = /^kolla-(.+)-container\.service$/;

type Site = Pick<CallSite, 'call' | 'name' | 'target'>;

/** The container that a call is about, as it is called at the moment: a unit is named after it. One that is gone has no name. */
const aboutWhom = ({ call, name, target }: Site): string | undefined =>
  name ?? UNIT.exec(target)?.[1] ?? (call === 'create' ? target : undefined);

/**
 * Whether an intent of the journal, whose target is in words, is about the container that a call is about: what a run or
 * a person calls it meanwhile begins with the service's own name for it.
 */
export const isAbout = (intended: string, site: Site): boolean => {
  const whom = OTHERWISE.includes(site.call) ? undefined : aboutWhom(site);
  if (whom === undefined) return true;
  return intended.split(/[^\w.-]+/).some((word) => word !== '' && whom.startsWith(baseName(word)));
};
