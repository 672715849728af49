import type { Line, Reply } from '../command.js';
import type { HealthReport, ProbeResult } from '../run/event.js';
import type { Run } from '../run/run.js';
import type { Way } from './interruption.js';
import { listBlocks } from './list.js';
import { readyLines } from './ready.js';
import { count, duration, listed, oneLine } from './words.js';

const VERDICTS: Record<ProbeResult['verdict'], string> = {
  well: 'well',
  waiting: 'not yet',
  ill: 'ill',
  unknown: 'cannot tell',
};

const PROBES: Record<ProbeResult['probe'], string> = {
  healthcheck: 'healthcheck command',
  http: 'HTTP answer',
  port: 'open port',
  steady: 'steadiness',
};

/** All health reports of a run, in step order; the old containers' where it went back. */
export const healthOfRun = (
  run: Run,
  way: Way = run.direction === 'back' ? 'back' : 'forward',
): readonly HealthReport[] =>
  way === 'back'
    ? run.steps.flatMap((step) => step.backHealth ?? [])
    : [...run.steps, ...run.finalize].flatMap((step) => step.health ?? []);

/** `3 of 3 containers healthy`, or which are not; `undefined` while nothing was judged. */
export const healthSummary = (run: Run): string | undefined => {
  const latest = new Map(healthOfRun(run).map((report) => [`${report.host}/${report.container}`, report]));
  const reports = [...latest.values()];
  if (reports.length === 0) return undefined;
  const not = reports.filter((report) => report.outcome !== 'healthy');
  const names = listed(not.map((report) => `${report.container} on ${report.host} ${report.outcome}`));
  return `${reports.length - not.length} of ${count(reports.length, 'container')} healthy${names === '' ? '' : `: ${names}`}`;
};

/** What one probe said: the time until it was well, or why it is not. */
const probeWords = ({ probe, verdict, why, wellAfterMs }: ProbeResult): string =>
  verdict === 'well'
    ? `${PROBES[probe]}${wellAfterMs === undefined ? '' : ` ${duration(wellAfterMs)}`} (${oneLine(why, 80)})`
    : `${PROBES[probe]} ${VERDICTS[verdict]}: ${oneLine(why, 120)}`;

/** A probe that cannot judge this container (a worker has no port) would only be noise. */
const line = (report: HealthReport): Line => [
  { code: report.container },
  ` on ${report.host}: `,
  { bold: report.outcome },
  ` after ${duration(report.tookMs)}. `,
  report.probes
    .filter((probe) => probe.verdict !== 'unknown')
    .map(probeWords)
    .join(' · '),
];

/** Results per container and probe, with the time each took to become well. */
export const healthView = (run: Run): Reply => {
  const reports = healthOfRun(run);
  const answers = readyLines(run, run.direction === 'back' ? 'back' : 'forward');
  const summary = `Health of ${run.plan.service}: ${healthSummary(run) ?? 'nothing was judged so far'}.`;
  if (reports.length === 0) return { summary, blocks: [{ kind: 'line', line: [summary] }] };
  return {
    summary,
    blocks: [
      { kind: 'line', line: [{ bold: run.direction === 'back' ? 'Health after going back' : 'Health' }] },
      ...listBlocks(reports.map(line)),
      ...(answers.length > 0
        ? [{ kind: 'line' as const, line: [{ bold: 'Asked as a client' }] }, ...listBlocks(answers)]
        : []),
    ],
  };
};
