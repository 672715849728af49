import type { Block, Button } from '../command.js';
import type { Run } from '../run/run.js';
import { whyNoWayBack } from './going-back.js';
import { clip, count, fromWords, toWords } from './words.js';

/** Slack's limit for the text of a confirm dialog. */
const CONFIRM_LENGTH = 300;

/** How much of a fingerprint a click carries: enough to tell plans apart, short enough to type. */
export const FINGERPRINT_LENGTH = 12;

export const approveRef = (run: Run): string => `${run.id}:${run.fingerprint.slice(0, FINGERPRINT_LENGTH)}`;

const swapped = (run: Run): number =>
  run.plan.steps.filter((step, index) => step.kind === 'swap' && run.steps[index]?.status !== 'pending')
    .length;

const rollbackButton = (run: Run): Button => ({
  label: 'Roll back',
  verb: 'rollback',
  ref: run.id,
  turn: run.turn,
  style: 'danger',
  confirm: {
    title: `Roll ${clip(run.plan.service, 40)} back?`,
    text: clip(
      `${count(swapped(run), 'container')} of ${run.plan.service} will be stopped, and the kept ${fromWords(run.plan)} started again: no pull, no create. The API is away meanwhile. Migrations are not undone. The service is then on hold, and this run never goes forward again.`,
      CONFIRM_LENGTH,
    ),
    yes: 'Roll back',
  },
});

const finalizeButton = (run: Run): Button => ({
  label: 'Finalize',
  verb: 'finalize',
  ref: run.id,
  turn: run.turn,
  confirm: {
    title: `Finalize ${clip(run.plan.service, 40)}?`,
    text: clip(
      `Keeps ${run.plan.service} on ${toWords(run.plan)} for good: last restarts and migrations, then the old containers are removed. After that there is no one-click way back. Starts with ${count(run.finalizeOf ?? run.quorum, 'approval')}; this click is one.`,
      CONFIRM_LENGTH,
    ),
    yes: 'Finalize',
  },
});

const resumeButton = (run: Run): Button => ({
  label: 'Resume',
  verb: 'resume',
  ref: run.id,
  turn: run.turn,
});

const backIfOpen = (run: Run): readonly Button[] =>
  whyNoWayBack(run) === undefined ? [rollbackButton(run)] : [];

const chosen = (run: Run): readonly Button[] =>
  (run.asked?.choices ?? []).flatMap((choice) => {
    if (choice === 'rollback') return backIfOpen(run);
    return [choice === 'resume' ? resumeButton(run) : finalizeButton(run)];
  });

/** What a person can do about a run that is under way or waits, as the root message and a question show it. */
export const runButtons = (run: Run): readonly Button[] => {
  switch (run.phase) {
    case 'running':
      return backIfOpen(run);
    case 'paused':
      return chosen(run);
    case 'interrupted':
      return [resumeButton(run), ...backIfOpen(run)];
    case 'stuck':
      return [resumeButton(run)];
    case 'upgraded':
    case 'finalize-failed':
      return [finalizeButton(run), ...backIfOpen(run)];
    default:
      return [];
  }
};

const withdrawButton = (run: Run): Button => ({
  label: 'Withdraw approval',
  verb: 'withdraw',
  ref: run.id,
  turn: run.turn,
});

/** While a request waits for its approvals, or for its start. */
export const decisionButtons = (run: Run): readonly Button[] => {
  const cancel: Button = { label: 'Cancel', verb: 'cancel', ref: run.id, turn: run.turn };
  const withdraw = run.approvals.length > 0 && !run.brokeGlass ? [withdrawButton(run)] : [];
  if (run.phase === 'approved') return [...withdraw, cancel];
  return run.phase === 'proposed'
    ? [
        { label: 'Approve', verb: 'approve', ref: approveRef(run), turn: run.turn, style: 'primary' },
        { label: 'Reject', verb: 'reject', ref: run.id, turn: run.turn, style: 'danger' },
        cancel,
        ...withdraw,
      ]
    : [];
};

/** No block at all where nothing can be clicked: dead buttons vanish. */
export const buttonBlocks = (buttons: readonly Button[]): readonly Block[] =>
  buttons.length === 0 ? [] : [{ kind: 'buttons', buttons }];
