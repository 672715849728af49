import type { ReadyReport, RunEvent } from '../run/event.js';
import type { Run } from '../run/run.js';
import { gapWords } from './interruption.js';
import { shortStep } from './step.js';
import { count, duration, listed, oneLine, sentence } from './words.js';

const stepOf = (run: Run, part: 'steps' | 'finalize', index: number): string => {
  const step = run.plan[part][index];
  return step ? `step ${index + 1} of ${run.plan[part].length}: ${shortStep(step)}` : `step ${index + 1}`;
};

const said = (reason: string | undefined): string =>
  reason === undefined ? '.' : `: ${sentence(oneLine(reason))}`;

/** What people do to a run. */
const decisionLine = (event: RunEvent): string | undefined => {
  switch (event.kind) {
    case 'approved':
      return `${event.by.name} approved.`;
    case 'withdrawn':
      return `${event.by.name} withdrew the approval.`;
    case 'broke-glass':
      return `${event.by.name} broke the glass${said(event.reason)}`;
    case 'rejected':
      return `${event.by.name} rejected it${said(event.reason)}`;
    case 'cancelled':
      return `${event.by.name} cancelled it.`;
    case 'abandoned':
      return `${event.by.name} closed the run as it was.`;
    case 'expired':
      return 'The request expired.';
    case 'resumed':
      return `${event.by.name} resumed it.`;
    case 'finalize-approved':
      return `${event.by.name} agreed to Finalize.`;
    case 'rollback':
      return `Rolling back, by ${event.by.name}${said(event.why)}`;
    default:
      return undefined;
  }
};

/** They are looked at after each step; silence means that all is as it was. */
const troubleLine = (names: readonly string[]): string | undefined =>
  names.length === 0 ? undefined : `Other containers changed or failed: ${listed([...new Set(names)])}.`;

/** What the services answered; the reasons stand in the thread and at the end. */
const readyLine = (reports: readonly ReadyReport[]): string => {
  const not = reports.filter(({ ready }) => !ready).map(({ container, host }) => `${container} on ${host}`);
  const [first] = reports;
  if (not.length > 0) return `Asked as a client, not ready: ${listed(not)}.`;
  return reports.length === 1 && first
    ? `${first.container} on ${first.host} is ready: asked as a client, after ${duration(first.tookMs)}.`
    : `Asked as a client at ${count(reports.length, 'place')}, all ready.`;
};

/** What happens to the run as a whole. */
const runLine = (event: RunEvent): string | undefined => {
  switch (event.kind) {
    case 'started':
      return 'Started.';
    case 'reviewed':
      return `Reviewed by ${event.by.name}: ${sentence(oneLine(event.text))}`;
    case 'noted':
      return sentence(oneLine(event.text));
    case 'asked':
      return `Paused: ${sentence(oneLine(event.why))}`;
    case 'interrupted':
      return 'Interrupted.';
    case 'voided':
      return `The plan is void: ${sentence(oneLine(event.why))}`;
    case 'failed':
      return `Failed before anything was changed: ${sentence(oneLine(event.why))}`;
    case 'stuck':
      return `Stuck: ${sentence(oneLine(event.why))}`;
    case 'upgraded':
      return `Upgraded, after ${duration(event.ms)}.`;
    case 'rolled-back':
      return `Rolled back, after ${duration(event.ms)}.`;
    case 'finalizing':
      return 'Finalizing.';
    case 'finalize-failed':
      return `Finalize failed: ${sentence(oneLine(event.why))}`;
    case 'finalized':
      return `Finalized, after ${duration(event.ms)}.`;
    case 'services-asked':
      return event.when === 'before' ? undefined : readyLine(event.reports);
    case 'bystanders':
      return troubleLine([...event.report.failed, ...event.report.changed]);
    default:
      return undefined;
  }
};

/** One line for what a journaled event tells a person who follows a run; `undefined` where it tells nothing. */
export const eventLine = (event: RunEvent, run: Run): string | undefined => {
  switch (event.kind) {
    case 'step-started':
      return `Begins ${stepOf(run, event.part, event.index)}.`;
    case 'step-done':
      return `Done with step ${event.index + 1}, after ${duration(event.ms)}.`;
    case 'step-failed':
      return `Failed at ${stepOf(run, event.part, event.index)}: ${sentence(oneLine(event.why))}`;
    case 'undone':
      return `Undone: step ${event.index + 1}, after ${duration(event.ms)}.`;
    case 'migrated':
      return `The migration ended with exit code ${event.exitCode}, after ${duration(event.ms)}.`;
    case 'health':
      return `${event.report.container} on ${event.report.host} is ${event.report.outcome}, after ${duration(event.report.tookMs)}.`;
    case 'ready':
      return readyLine([event.report]);
    case 'downtime':
      return sentence(gapWords(event.report));
    default:
      return decisionLine(event) ?? runLine(event);
  }
};
