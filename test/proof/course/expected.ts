import type { Phase } from '../../../src/run/phase.js';
import { DEATHS, isClick, isForeign, RIDDEN_OUT } from './ills.js';
import type { Mishap } from './line.js';
import type { Wish } from './person.js';

const GOAL: Readonly<Record<Wish['part'], Readonly<Record<Wish['person'], readonly Phase[]>>>> = {
  forward: { resume: ['upgraded'], rollback: ['rolled-back'] },
  back: { resume: ['rolled-back'], rollback: ['rolled-back'] },
  finalize: { resume: ['finalized'], rollback: ['finalized', 'rolled-back'] },
};

/** Ends in which people know what is the matter, and in which nothing of somebody else's was touched. */
const LEFT_TO_PEOPLE: readonly Phase[] = [
  'upgraded',
  'rolled-back',
  'finalized',
  'failed',
  'voided',
  'paused',
  'stuck',
  'finalize-failed',
];

const goalOf = ({ strategy, part, person }: Wish): readonly Phase[] =>
  part === 'forward' && strategy.ends === 'rolled-back' ? ['rolled-back'] : GOAL[part][person];

/** Where a run ends that people made go back: an upgrade not begun is taken back, and one that changed nothing failed. */
const BACK: readonly Phase[] = ['cancelled', 'failed', 'rolled-back'];

/** `began`: the start was journaled; `wentBack`: a click to go back was taken. */
export type Came = { readonly began: boolean; readonly wentBack: boolean };

/** The ends that are right, however the run got there. */
export const rightEnds = (
  wish: Wish,
  mishaps: readonly Mishap[],
  { began, wentBack }: Came,
): readonly Phase[] => {
  const ills = mishaps.map(({ ill }) => ill);
  // Where something else went wrong, too, a click on Cancel may have met a run that waits for people: it closes that.
  const closed: readonly Phase[] = wentBack && ills.length > 1 ? ['abandoned'] : [];
  if (ills.some(isForeign)) return wentBack ? [...LEFT_TO_PEOPLE, ...BACK, ...closed] : LEFT_TO_PEOPLE;
  if (wentBack) return [...BACK, ...closed];
  // An approval that had not become a run yet is void after a restart.
  if (!began && ills.some((ill) => DEATHS.includes(ill))) return ['voided'];
  const harmless = ills.every((ill) => RIDDEN_OUT.includes(ill) || DEATHS.includes(ill) || isClick(ill));
  if (wish.part !== 'forward' || harmless) return goalOf(wish);
  return began ? [...goalOf(wish), 'rolled-back', 'failed'] : ['voided', 'failed'];
};
