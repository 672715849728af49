import type { Reply } from '../command.js';
import type { Run } from '../run/run.js';
import { reviewWords } from './glass.js';
import { downtimeSummary } from './interruption.js';
import { tookWords } from './root.js';
import { stateWords } from './state.js';
import { count, fromTo } from './words.js';

/** As many as one message shows. */
const SHOWN = 20;

/** `2026-11-22 10:00`, UTC: a table's cell cannot hold a time in the reader's own zone. */
const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');

const row = (run: Run): readonly string[] => [
  run.id,
  run.plan.service,
  fromTo(run.plan),
  [stateWords(run), ...(run.brokeGlass ? [`without approvals, ${reviewWords(run)}`] : [])].join('; '),
  run.requestedBy.name,
  minute(run.requestedAt),
  tookWords(run) ?? '',
  downtimeSummary(run, run.phase === 'rolled-back' ? 'back' : 'forward') ?? '',
];

/** Runs, newest first, as the journal has them. */
export const historyView = (runs: readonly Run[]): Reply => {
  if (runs.length === 0)
    return { summary: 'No runs so far.', blocks: [{ kind: 'line', line: ['No runs so far.'] }] };
  const shown = Math.min(runs.length, SHOWN);
  const summary =
    shown === runs.length
      ? `${count(runs.length, 'run')}, newest first.`
      : `The newest ${shown} of ${runs.length} runs.`;
  return {
    summary,
    blocks: [
      { kind: 'line', line: [summary] },
      {
        kind: 'table',
        header: ['Run', 'Service', 'From → to', 'State', 'Asked by', 'Asked at (UTC)', 'Took', 'Downtime'],
        rows: runs.slice(0, SHOWN).map(row),
      },
    ],
  };
};
