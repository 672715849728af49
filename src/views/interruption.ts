import { SERVICES } from '../catalogue/index.js';
import type { Line } from '../command.js';
import type { Plan, SwapStep } from '../plan/plan.js';
import type { DowntimeReport } from '../run/event.js';
import type { Run, StepState } from '../run/run.js';
import { count, duration, listed, resolution } from './words.js';

const swapsOf = (plan: Plan): readonly SwapStep[] => plan.steps.filter((step) => step.kind === 'swap');

const median = (sorted: readonly number[]): number => {
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
};

const earlier = (plan: Plan): string => {
  const sorted = plan.earlierDowntimeMs.toSorted((a, b) => a - b);
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  if (sorted.length === 0) return 'How long is not measured yet on this cloud.';
  if (sorted.length === 1) return `The API was away for ${duration(least)} in the one earlier run.`;
  return `The API was away for ${duration(median(sorted))} (median of ${sorted.length} earlier runs, from ${duration(least)} to ${duration(most)}).`;
};

const isApi = (plan: Plan, step: SwapStep): boolean =>
  step.probeUrl !== null ||
  step.old.entry === SERVICES.find((service) => service.name === plan.service)?.api.container;

/** What an upgrade interrupts, and for how long if that was ever measured. */
export const interruptionLines = (plan: Plan): readonly Line[] => {
  const swaps = swapsOf(plan);
  const apis = swaps.filter((step) => isApi(plan, step));
  const others = swaps.filter((step) => !apis.includes(step));
  const lines: Line[] = [];
  if (apis.length === 1)
    lines.push([
      `There is one API container: the API does not answer from its stop until the new one is healthy. ${earlier(plan)}`,
    ]);
  if (apis.length > 1)
    lines.push([
      `The ${apis.length} API containers are swapped one after another; the others keep answering where a load balancer stands before them. ${earlier(plan)}`,
    ]);
  if (others.length > 0)
    lines.push([
      `While it is swapped, each of these does no work: ${listed([...new Set(others.map((step) => step.old.name))])}.`,
    ]);
  return lines.length > 0 ? lines : [['No container is swapped, so nothing is interrupted.']];
};

/** A measured gap: never a number for what could not be reached. */
export const gapWords = (report: DowntimeReport): string => {
  const where = `${report.target} on ${report.host}`;
  if (!report.reachable) return `${where}: not reachable from here, so its downtime was not measured`;
  const how = `measured every ${resolution(report.resolutionMs)}`;
  return report.longestGapMs === 0
    ? `${where}: no answer was missed (${how})`
    : `${where}: away for ${report.openStart || report.openEnd ? 'at least ' : ''}${duration(report.longestGapMs)}; ${report.bad} of ${report.good + report.bad} questions failed (${how})`;
};

export type Way = 'forward' | 'back';

export const gapsOf = (run: Run, way: Way): readonly DowntimeReport[] =>
  run.steps.flatMap((step) => (way === 'back' ? step.backDowntime : step.downtime) ?? []);

/**
 * How long one API was away in a direction. A gap that was open when going back began is one gap with what followed:
 * the API was away from the stop of the old version until the old version answered again.
 */
const awayOf = (
  { downtime, backDowntime }: StepState,
  way: Way,
): { ms: number; atLeast: boolean } | undefined => {
  const report = way === 'back' ? backDowntime : downtime;
  if (!report?.reachable) return undefined;
  const before = way === 'back' && report.openStart && downtime?.openEnd ? downtime.longestGapMs : 0;
  return { ms: before + report.longestGapMs, atLeast: report.openStart === true || report.openEnd === true };
};

/** Whether an API was swapped that has no address under which it could be watched. */
export const unwatchedApi = ({ plan }: Run): boolean =>
  swapsOf(plan).some((step) => isApi(plan, step) && step.probeUrl === null);

/** Whether clients were sent elsewhere before any API container was stopped. */
const isDrained = ({ plan }: Run): boolean =>
  swapsOf(plan).every((step) => !isApi(plan, step) || step.drain !== undefined);

/** One short phrase for a summary; `undefined` where nothing was measured so far. */
export const downtimeSummary = (run: Run, way: Way = 'forward'): string | undefined => {
  const reports = gapsOf(run, way);
  const reached = run.steps.flatMap((step) => awayOf(step, way) ?? []);
  if (reports.length === 0) return undefined;
  if (reached.length === 0) return 'API not reachable from here';
  const longest = Math.max(...reached.map(({ ms }) => ms));
  const atLeast = reached.some((away) => away.atLeast && away.ms === longest) ? 'at least ' : '';
  const where = reached.length > 1 ? ` at most, over ${count(reached.length, 'API')}` : '';
  if (longest === 0) return 'no API downtime seen';
  const away = `away for ${atLeast}${duration(longest)}${where}`;
  return isDrained(run) ? `drained API container ${away}` : `API ${away}`;
};
