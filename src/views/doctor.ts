import type { Check, Finding } from '../app/doctor/check.js';
import type { DoctorReport } from '../app/doctor/doctor.js';
import type { Block, Line, Reply } from '../command.js';
import { listBlocks } from './list.js';
import { count, duration, listed, oneLine, sentence } from './words.js';

type HostReport = DoctorReport['hosts'][number];

/** Findings of no host stand under this name. */
const CLOUD = 'The cloud';

/** Up to this many hosts each has a verdict line of its own. */
const SINGLE_LINES = 8;
const NAMED = 6;

const isFinding = (check: Check): check is Finding => check.level !== 'well';

const someOf = (hosts: readonly string[]): string =>
  listed(hosts.length > NAMED + 1 ? [...hosts.slice(0, NAMED), `${hosts.length - NAMED} more`] : hosts);

/** The same finding on many hosts is told once, with their names. */
const grouped = (report: DoctorReport): readonly { finding: Finding; hosts: readonly string[] }[] => {
  const all = [
    ...report.hosts.flatMap(({ host, checks }) =>
      checks.filter(isFinding).map((finding) => ({ host, finding })),
    ),
    ...report.cloud.filter(isFinding).map((finding) => ({ host: CLOUD, finding })),
  ];
  const groups = new Map<string, { finding: Finding; hosts: string[] }>();
  for (const { host, finding } of all) {
    const key = JSON.stringify(finding);
    const group = groups.get(key) ?? { finding, hosts: [] };
    group.hosts.push(host);
    groups.set(key, group);
  }
  return [...groups.values()];
};

/** Commands stand between backticks. */
const withCode = (text: string): Line =>
  text.split('`').map((part, at) => (at % 2 === 0 ? part : { code: part }));

const findingLine = ({ finding, hosts }: { finding: Finding; hosts: readonly string[] }): Line => [
  { bold: someOf(hosts) },
  `: ${sentence(oneLine(finding.what, 600))} ${sentence(finding.why)} `,
  { bold: 'Do:' },
  ' ',
  ...withCode(sentence(finding.wayOut)),
];

const section = (title: string, lines: readonly Line[]): readonly Block[] =>
  lines.length === 0 ? [] : [{ kind: 'line', line: [{ bold: title }] }, ...listBlocks(lines)];

const levelsOf = (checks: readonly Check[]) => ({
  mend: checks.filter(({ level }) => level === 'mend').length,
  know: checks.filter(({ level }) => level === 'know').length,
});

/** `ready`, `ready, 1 to know`, `2 things to mend, 1 to know`. */
const verdictOf = (checks: readonly Check[]): string => {
  const { mend, know } = levelsOf(checks);
  return `${mend === 0 ? 'ready' : `${count(mend, 'thing')} to mend`}${know === 0 ? '' : `, ${know} to know`}`;
};

const verdictLines = (hosts: readonly HostReport[]): readonly Line[] => {
  if (hosts.length <= SINGLE_LINES)
    return hosts.map(({ host, checks }) => [{ bold: host }, `: ${verdictOf(checks)}`]);
  const alike = new Map<string, string[]>();
  for (const { host, checks } of hosts) {
    const verdict = verdictOf(checks);
    alike.set(verdict, [...(alike.get(verdict) ?? []), host]);
  }
  const ready = (verdict: string): boolean => verdict.startsWith('ready');
  return [...alike]
    .sort(([a], [b]) => Number(ready(b)) - Number(ready(a)))
    .map(([verdict, named]) => [
      { bold: ready(verdict) ? someOf(named) : listed(named) },
      `: ${named.length > 1 && verdict !== 'ready' ? 'each ' : ''}${verdict}`,
    ]);
};

const cloudVerdict = (cloud: readonly Check[]): readonly Line[] =>
  cloud.some(isFinding) ? [[{ bold: CLOUD }, `: ${verdictOf(cloud)}`]] : [];

const sharedWords = (cloud: readonly Check[]): string => {
  const { mend } = levelsOf(cloud);
  return mend === 0 ? '' : `; ${count(mend, 'thing')} to mend that ${mend === 1 ? 'is' : 'are'} no host’s`;
};

const summaryOf = ({ hosts, cloud }: DoctorReport): string => {
  const [only] = hosts;
  if (hosts.length === 1 && only) return `${only.host}: ${verdictOf(only.checks)}${sharedWords(cloud)}.`;
  const ready = hosts.filter(({ checks }) => levelsOf(checks).mend === 0).length;
  return `${ready} of ${hosts.length} hosts are ready${sharedWords(cloud)}.`;
};

const wellLines = ({ hosts, cloud }: DoctorReport): readonly Line[] => {
  const [only] = hosts;
  return hosts.length === 1 && only
    ? [...only.checks, ...cloud].filter((check) => !isFinding(check)).map(({ what }) => [sentence(what)])
    : [];
};

/** What was looked at on the hosts, what to do about it, and a verdict for each; what many share is said once. */
export const doctorView = (report: DoctorReport): Reply => {
  const groups = grouped(report);
  const at = (level: Finding['level']): readonly Line[] =>
    groups.filter(({ finding }) => finding.level === level).map(findingLine);
  const all = [...report.hosts.flatMap(({ checks }) => checks), ...report.cloud];
  const slowest = Math.max(0, ...report.hosts.map(({ tookMs }) => tookMs));
  return {
    summary: summaryOf(report),
    blocks: [
      { kind: 'line', line: [summaryOf(report)] },
      ...section('To mend', at('mend')),
      ...section('To know', at('know')),
      ...section('Well', wellLines(report)),
      ...section('Verdict', [...verdictLines(report.hosts), ...cloudVerdict(report.cloud)]),
      {
        kind: 'small',
        line: [
          `${count(all.length, 'check')}, the slowest host took ${duration(slowest)}. Nothing was changed.`,
          ...(report.hosts.length > 1 ? [' ', { code: 'doctor <host>' }, ' tells also what is well.'] : []),
        ],
      },
    ],
    ...(all.some(({ level }) => level === 'mend') ? { exit: 1 } : {}),
  };
};
