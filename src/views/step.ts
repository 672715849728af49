import type { MigrateStep, Plan, PullStep, RestartStep, Step, SwapStep } from '../plan/plan.js';
import { imageOf, shortDigest, tagOf } from './words.js';

const sayPull = ({ target, host }: PullStep): string =>
  target.imageId === undefined
    ? `Pull ${imageOf(target.ref)}:${tagOf(target.ref)} on ${host} and verify its digest.`
    : `Use ${imageOf(target.ref)}:${tagOf(target.ref)}, which is on ${host} already.`;

const sayMigrate = (step: MigrateStep): string =>
  `Run ${step.runs} (${step.phase}) on ${step.host}, in a container from ${imageOf(step.target.ref)}:${tagOf(step.target.ref)} that is there for this only.` +
  (step.oneWay
    ? ' Once it has moved the schema, the old version cannot run without the database restored.'
    : '');

/** From → to of one container; two builds under one tag are told apart by their digests. */
export const swapWords = ({ old, target }: SwapStep): string => {
  const [from, to] = [tagOf(old.imageRef), tagOf(target.ref)];
  if (from !== to) return `${from} → ${to}`;
  const newer = target.digest ?? target.imageId;
  return `${from} (${shortDigest(old.identity)}) → ${to}${newer === undefined ? '' : ` (${shortDigest(newer)})`}`;
};

const saySwap = (step: SwapStep): string =>
  `Swap ${step.old.name} on ${step.old.host}, ${swapWords(step)}: create the new one, stop the old one (at most ${step.graceSeconds} s), start the new one, wait until it is healthy. The old one is kept.`;

const sayRestart = (step: RestartStep): string =>
  `Restart ${step.name} on ${step.host}, so that it drops the old release's RPC version, and wait until it is healthy.`;

/** One sentence for what a step does. */
export const describeStep = (step: Step, _plan: Plan): string => {
  switch (step.kind) {
    case 'pull':
      return sayPull(step);
    case 'migrate':
      return sayMigrate(step);
    case 'swap':
      return saySwap(step);
    case 'restart':
      return sayRestart(step);
    case 'settle':
      return `Wait ${step.seconds} s: ${step.why}.`;
    case 'retire':
      return `Remove the kept old ${step.name} on ${step.host}.`;
  }
};

/** A few words for a step, as the title of its line in the live progress. */
export const shortStep = (step: Step): string => {
  switch (step.kind) {
    case 'pull':
      return `Pull ${imageOf(step.target.ref)} on ${step.host}`;
    case 'migrate':
      return `Migrate the database: ${step.phase} (${step.runs})`;
    case 'swap':
      return `Swap ${step.old.name} on ${step.old.host}`;
    case 'restart':
      return `Restart ${step.name} on ${step.host}`;
    case 'settle':
      return `Wait ${step.seconds} s`;
    case 'retire':
      return `Remove the old ${step.name} on ${step.host}`;
  }
};
