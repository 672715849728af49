import type { Line } from '../command.js';
import type { ReadyReport } from '../run/event.js';
import type { Run } from '../run/run.js';
import type { Way } from './interruption.js';
import { count, duration, listed, oneLine } from './words.js';

/** Answers shown for one container; a big cloud lists a process for each host and backend. */
const MOST = 8;

/** The newest report of each place: that of the end is newer than the one right after the swap. */
export const readyOfRun = (run: Run, way: Way): readonly ReadyReport[] => {
  const reports =
    way === 'back'
      ? (run.readyBack ?? [])
      : [...[...run.steps, ...run.finalize].flatMap((step) => step.ready ?? []), ...(run.readyAtEnd ?? [])];
  return [...new Map(reports.map((report) => [`${report.host}/${report.container}`, report])).values()];
};

const placeOf = ({ host, container }: ReadyReport): string => `${container} on ${host}`;

/** `asked at 4 places, 4 ready (17 answers, 1 not required)`; `undefined` while nothing was asked. */
export const readySummary = (run: Run, way: Way): string | undefined => {
  const reports = readyOfRun(run, way);
  if (reports.length === 0) return undefined;
  const answers = reports.flatMap(({ asked }) => asked);
  const excused = answers.filter(({ verdict }) => verdict === 'excused').length;
  const not = reports.filter(({ ready }) => !ready).map(placeOf);
  return [
    `asked at ${count(reports.length, 'place')}, `,
    not.length === 0 ? 'all ready' : `not ready: ${listed(not)}`,
    ` (${count(answers.length, 'answer')}${excused > 0 ? `, ${excused} not required` : ''})`,
  ].join('');
};

type Answer = ReadyReport['asked'][number];

const WORDS: Readonly<Record<Answer['verdict'], string>> = {
  ill: 'ill',
  waiting: 'not yet',
  excused: 'not required',
  well: 'well',
};

const answerWords = ({ what, verdict, why }: Answer): string =>
  verdict === 'well' ? `${what} (${oneLine(why, 60)})` : `${what} ${WORDS[verdict]}: ${oneLine(why, 160)}`;

/** What matters first: bad answers, then what was not required. */
const ORDER: readonly Answer['verdict'][] = ['ill', 'waiting', 'excused', 'well'];

const line = (report: ReadyReport): Line => {
  const sorted = report.asked.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const more = sorted.length - MOST;
  return [
    { code: report.container },
    ` on ${report.host}: `,
    { bold: report.ready ? 'ready' : 'not ready' },
    ` after ${duration(report.tookMs)}. `,
    [
      ...(report.unasked === undefined ? [] : [`Cannot be asked: ${oneLine(report.unasked, 200)}`]),
      ...sorted.slice(0, MOST).map(answerWords),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join(' · '),
  ];
};

/** Each place with its answers, the bad ones first. */
export const readyLines = (run: Run, way: Way): readonly Line[] => readyOfRun(run, way).map(line);
