import { canonical } from '../engine/canonical.js';
import { boundSeen, type Plan, type RestartStep, type Step, type SwapStep } from './plan.js';

const same = (a: unknown, b: unknown): boolean => canonical([a ?? null]) === canonical([b ?? null]);

/** What of two steps at the same place differs, in the words of people. */
const ofTarget = (before: Step, after: Step): readonly string[] =>
  'target' in before && 'target' in after && !same(before.target, after.target)
    ? [`the image ${after.target.ref}`]
    : [];

const ofPart = <S extends SwapStep | RestartStep>(before: S, after: S, where: string): readonly string[] => [
  ...(same(before.owner, after.owner) ? [] : [`who stops and starts ${where} (its systemd unit)`]),
  ...(same(before.drain, after.drain) ? [] : [`the load balancers in front of ${where}`]),
];

const ofSwap = (before: SwapStep, after: SwapStep): readonly string[] => {
  const where = `${after.old.name} on ${after.old.host}`;
  return [
    ...(same(boundSeen(before.old), boundSeen(after.old)) ? [] : [`the container ${where}`]),
    ...(same(before.config, after.config) ? [] : [`the configuration of ${where}`]),
    ...ofPart(before, after, where),
  ];
};

const ofStep = (before: Step, after: Step): readonly string[] => {
  const target = ofTarget(before, after);
  if (before.kind === 'swap' && after.kind === 'swap') return [...target, ...ofSwap(before, after)];
  if (before.kind === 'restart' && after.kind === 'restart')
    return ofPart(before, after, `${after.name} on ${after.host}`);
  return target;
};

const MOST = 4;

/** What moved between two plans of one upgrade, in a sentence. */
export const whatMoved = (before: Plan, after: Plan): string => {
  const now = [...after.steps, ...after.finalize];
  const then = [...before.steps, ...before.finalize];
  const kinds = (steps: readonly Step[]) => steps.map(({ kind }) => kind);
  if (!same(kinds(then), kinds(now)))
    return 'other steps are needed than when the plan was made: a container, an image or a host came or went';
  const pairs = then.flatMap((step, index) => {
    const other = now[index];
    return other ? ofStep(step, other) : [];
  });
  const all = [...new Set(pairs)];
  if (all.length === 0) return 'what the plan was made from (the hosts file or a container) moved since';
  const more = all.length > MOST ? ` and ${all.length - MOST} more` : '';
  return `since the plan was made this moved: ${all.slice(0, MOST).join('; ')}${more}`;
};
