import type { Block, Line, Reply } from '../command.js';
import type { HealthReport, ProbeResult } from '../run/event.js';
import type { Run } from '../run/run.js';
import type { Way } from './interruption.js';
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

const headline = (report: HealthReport): Line => [
  { code: report.container },
  ` on ${report.host}: `,
  { bold: report.outcome },
  ` after ${duration(report.tookMs)}`,
];

const row = (report: HealthReport, probe: ProbeResult): readonly string[] => [
  report.container,
  report.host,
  PROBES[probe.probe],
  VERDICTS[probe.verdict],
  probe.wellAfterMs === undefined ? '' : duration(probe.wellAfterMs),
  oneLine(probe.why, 120),
];

/** Slack's data table takes this many rows below its header. */
const MOST_ROWS = 100;

const tableOf = (reports: readonly HealthReport[]): readonly Block[] => {
  // A probe that cannot judge this container (a worker has no port) would only be noise.
  const rows = reports.flatMap((report) =>
    report.probes.filter((probe) => probe.verdict !== 'unknown').map((probe) => row(report, probe)),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      header: ['Container', 'Host', 'Probe', 'Result', 'Well after', 'Why'],
      rows: rows.slice(0, MOST_ROWS),
    },
    ...(rows.length > MOST_ROWS
      ? [{ kind: 'small' as const, line: [`${rows.length - MOST_ROWS} more rows are in the journal.`] }]
      : []),
  ];
};

/** Results per container and probe, with the time each took to become well. */
export const healthView = (run: Run): Reply => {
  const reports = healthOfRun(run);
  const summary = `Health of ${run.plan.service}: ${healthSummary(run) ?? 'nothing was judged so far'}.`;
  if (reports.length === 0) return { summary, blocks: [{ kind: 'line', line: [summary] }] };
  return {
    summary,
    blocks: [
      { kind: 'line', line: [{ bold: run.direction === 'back' ? 'Health after going back' : 'Health' }] },
      { kind: 'list', lines: reports.map(headline) },
      ...tableOf(reports),
    ],
  };
};
