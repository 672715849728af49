import { judgeHealth } from '../probes/judge.js';
import type { HealthReport } from '../probes/report.js';
import { Inconclusive, type StepContext, StepFailed } from './context.js';

export type Judged = {
  readonly host: string;
  readonly id: string;
  readonly name: string;
  readonly probeUrl: string | null;
  readonly expect: readonly number[];
};

const sentenceOf = (report: HealthReport): string => {
  const bad = report.probes.filter((probe) => probe.verdict === 'ill' || probe.verdict === 'waiting');
  const what = bad.map((probe) => `${probe.probe}: ${probe.why}`).join('; ');
  return `${report.container} on ${report.host} is ${report.outcome} after ${(report.tookMs / 1000).toFixed(1)} s${what ? ` (${what})` : ''}.`;
};

/** Judges a started container, journals the report, and throws unless it is healthy. */
export const requireHealthy = async (context: StepContext, judged: Judged): Promise<void> => {
  const report = await judgeHealth({
    engine: context.engine(judged.host),
    id: judged.id,
    container: judged.name,
    url: judged.probeUrl,
    reach: context.reach,
    expect: judged.expect,
    policy: context.health,
    clock: context.clock,
    checkpoint: context.checkpoint,
  });
  const safe = {
    ...report,
    probes: report.probes.map((probe) => ({ ...probe, why: context.tail(probe.why) })),
  };
  await context.emit({ kind: 'health', part: context.part, index: context.index, report: safe });
  if (safe.outcome === 'inconclusive') throw new Inconclusive(sentenceOf(safe));
  if (safe.outcome === 'unhealthy') throw new StepFailed(sentenceOf(safe));
};
