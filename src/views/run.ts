import type { Line, Reply } from '../command.js';
import type { Run } from '../run/run.js';
import { approvalLines, finalizeApprovalLine } from './approval.js';
import { listBlocks } from './list.js';
import { stateWords } from './state.js';
import { fromTo } from './words.js';

const place = (run: Run): Line => [
  'Run ',
  { code: run.id },
  ', asked for by ',
  { person: run.requestedBy },
  '.',
];

/** A short answer about a run after something was said or done to it; the thread holds the rest. */
export const runView = (run: Run): Reply => {
  const summary = `${run.plan.service} ${fromTo(run.plan)} is ${stateWords(run)}.`;
  const finalize = finalizeApprovalLine(run);
  const lines: readonly Line[] = [
    ...(run.phase === 'proposed' ? approvalLines(run) : []),
    ...(finalize ? [finalize] : []),
  ];
  return {
    summary,
    run: run.id,
    blocks: [
      { kind: 'line', line: [{ bold: summary }] },
      ...listBlocks(lines),
      { kind: 'small', line: place(run) },
    ],
  };
};
