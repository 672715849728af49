import type { Line, Reply } from '../command.js';
import type { BystanderReport } from '../run/event.js';
import type { Phase } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { approvalLines } from './approval.js';
import { askView } from './ask.js';
import { afterLines } from './audit.js';
import { whyNoWayBack } from './going-back.js';
import { healthSummary } from './health.js';
import { gapsOf, gapWords, unwatchedApi, type Way } from './interruption.js';
import { readySummary } from './ready.js';
import { runView } from './run.js';
import { stateWords } from './state.js';
import { count, duration, fromWords, listed, oneLine, sentence, toWords } from './words.js';

const UNWATCHED =
  'Downtime was not measured: the host has no api_address in the settings, so its API is not reachable from here.';

const gapLines = (run: Run, way: Way): readonly Line[] => {
  const front = way === 'back' ? [] : run.steps.flatMap((step) => step.frontDowntime ?? []);
  const tried =
    way === 'back' ? run.steps.flatMap((step) => (step.downtime?.openEnd ? [step.downtime] : [])) : [];
  const measured = [
    ...tried.map((report) => [sentence(`While the new version was tried, ${gapWords(report)}`)]),
    ...[...gapsOf(run, way), ...front].map((report) => [sentence(gapWords(report))]),
  ];
  return measured.length === 0 && unwatchedApi(run) ? [[UNWATCHED]] : measured;
};

const apiWords = ({ apis }: BystanderReport): string => {
  const lost = apis.filter((api) => api.before && !api.after).map((api) => `${api.service} on ${api.host}`);
  if (lost.length > 0) return ` No longer answering: ${listed(lost)}.`;
  const good = apis.filter((api) => api.after).length;
  return good > 0 ? ` ${count(good, 'other API')} answered before and after.` : '';
};

/** What happened to everything that was not to be touched. */
export const bystanderLines = (report: BystanderReport | undefined): readonly Line[] => {
  if (!report) return [];
  const changed =
    report.changed.length === 0
      ? 'none was recreated or restarted.'
      : `recreated or restarted: ${listed(report.changed)}.`;
  const failed = report.failed.length === 0 ? '' : ` Failed since: ${listed(report.failed)}.`;
  return [
    [
      { bold: 'Bystanders:' },
      ' ',
      `${count(report.watched, 'other container')} watched, ${changed}${failed}${apiWords(report)}`,
    ],
  ];
};

/** The written comparison (docs/comparison.md) of each container's configuration with the old one's. */
export const comparisonLines = (run: Run): readonly Line[] => {
  if (run.compared.length === 0) return [];
  const different = run.compared.filter((one) => one.differences.length > 0);
  if (different.length === 0)
    return [
      [
        { bold: 'Container settings:' },
        ' ',
        `equal to the old one's on ${count(run.compared.length, 'container')}, by the written comparison.`,
      ],
    ];
  return different.map(({ name, host, differences }) => [
    { bold: 'Configuration differs:' },
    ' ',
    { code: name },
    ` on ${host}: ${oneLine(differences.join('; '))}`,
  ]);
};

const noteLines = (run: Run): readonly Line[] =>
  run.notes.map((note) => [{ bold: 'Note:' }, ' ', oneLine(note.text)]);

const checks = (run: Run, way: Way): readonly Line[] => {
  const health = healthSummary(run);
  const ready = readySummary(run, way);
  return [
    ...(health === undefined ? [] : [[{ bold: 'Health:' }, ' ', sentence(health)]]),
    ...(ready === undefined ? [] : [[{ bold: 'Ready:' }, ' ', sentence(ready)]]),
    ...gapLines(run, way),
    ...bystanderLines(run.bystanders),
    ...comparisonLines(run),
    ...noteLines(run),
  ];
};

const because = (run: Run): readonly Line[] => {
  const why = run.rollback?.why ?? run.why;
  return why === undefined ? [] : [[{ bold: 'Why:' }, ' ', sentence(oneLine(why))]];
};

const upgraded = (run: Run): readonly Line[] => {
  const closed = whyNoWayBack(run);
  return [
    [
      `${run.plan.service} runs ${toWords(run.plan)}${run.tookMs === undefined ? '' : `, after ${duration(run.tookMs)}`}. The old containers are kept, stopped.`,
    ],
    ...checks(run, 'forward'),
    [
      { bold: 'Next:' },
      ' ',
      'Finalize keeps the new version for good and removes the old containers',
      closed === undefined
        ? '; Roll back starts the old ones again. Both are buttons on the run’s message in the channel, and verbs.'
        : `. There is no one-click rollback: ${closed}`,
    ],
  ];
};

const rolledBack = (run: Run): readonly Line[] => [
  [
    `${run.plan.service} is back on ${fromWords(run.plan)}${run.backTookMs === undefined ? '' : `, after ${duration(run.backTookMs)}`}`,
    ...(run.rollback
      ? [run.rollback.by.door === 'bot' ? ', decided by ' : ', asked for by ', { person: run.rollback.by }]
      : []),
    '.',
  ],
  ...because(run),
  ...checks(run, 'back'),
  [
    { bold: 'Next:' },
    ' ',
    'the service is on hold until a person releases it with ',
    { code: `unhold ${run.plan.service}` },
    '.',
  ],
];

const finalized = (run: Run): readonly Line[] => [
  [
    `${run.plan.service} stays on ${toWords(run.plan)}. The old containers are removed, and there is no one-click way back any more.`,
  ],
  ...(run.finalizeTookMs === undefined ? [] : [[`Finalize took ${duration(run.finalizeTookMs)}.`]]),
  ...checks(run, 'forward'),
];

const failed = (run: Run): readonly Line[] => [
  ['Nothing was changed: every container is the one it was.'],
  ...because(run),
  ...noteLines(run),
  [{ bold: 'Next:' }, ' ', 'mend the cause, then ', { code: `plan ${run.plan.service}` }, ' again.'],
];

const finalizeFailed = (run: Run): readonly Line[] => [
  [
    'Finalize did not end well. The service runs on the new version, and the kept old containers were not touched by the failed step.',
  ],
  ...because(run),
  [{ bold: 'Next:' }, ' ', 'mend the cause, then Finalize tries again from where it stopped.'],
];

/** What this run made or kept and nobody took away, as far as the journal knows. */
const leftBehind = (run: Run): readonly Line[] =>
  run.plan.steps.flatMap((step, index) => {
    const state = run.steps[index];
    if (step.kind !== 'swap' || state?.createdId === undefined || state.status === 'undone') return [];
    return [
      [
        `${step.old.name} on ${step.old.host}: old container `,
        { code: step.old.id.slice(0, 12) },
        ', new one ',
        { code: state.createdId.slice(0, 12) },
      ],
    ];
  });

const abandoned = (run: Run): readonly Line[] => [
  [
    ...(run.decidedBy ? [{ person: run.decidedBy }, ' closed'] : ['Closed']),
    ' this run as it was. Nothing was stopped or removed by that.',
  ],
  ...because(run),
  ...leftBehind(run),
  [
    { bold: 'Next:' },
    ' ',
    'see on each host which of the two serves, remove the other, then ',
    { code: `unhold ${run.plan.service}` },
    '.',
  ],
];

const planAgain = (run: Run): readonly Line[] => [
  ...approvalLines(run).slice(0, run.phase === 'voided' ? 0 : undefined),
  ...because(run),
  ['Nothing was changed. ', { code: `plan ${run.plan.service}` }, ' looks again.'],
];

const LINES: Partial<Record<Phase, (run: Run) => readonly Line[]>> = {
  upgraded,
  'rolled-back': rolledBack,
  finalized,
  failed,
  'finalize-failed': finalizeFailed,
  abandoned,
  rejected: planAgain,
  cancelled: planAgain,
  expired: planAgain,
  voided: planAgain,
};

/** Phases in which nothing goes on until a person answers. */
const ASKING: readonly Phase[] = ['paused', 'interrupted', 'stuck'];

/** How a run ended, or why it waits for a person. */
export const resultView = (run: Run): Reply => {
  const lines = LINES[run.phase];
  if (!lines) return ASKING.includes(run.phase) ? askView(run) : runView(run);
  const title = `${run.plan.service}: ${stateWords(run)}`;
  return {
    summary: `${title}.`,
    blocks: [{ kind: 'heading', text: title }, { kind: 'list', lines: lines(run) }, ...afterLines(run)],
  };
};
