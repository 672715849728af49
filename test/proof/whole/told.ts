import type { RunEvent } from '../../../src/run/event.js';
import type { CallRecord } from '../../../src/sim/faults.js';
import type { Stage } from './stage.js';

const SHOWN: Partial<Record<RunEvent['kind'], (event: never) => string>> = {
  'step-failed': ({ why }: { why: string }) => why,
  asked: ({ why }: { why: string }) => why,
  stuck: ({ why }: { why: string }) => why,
  voided: ({ why }: { why: string }) => why,
  failed: ({ why }: { why: string }) => why,
  'finalize-failed': ({ why }: { why: string }) => why,
  rollback: ({ why }: { why: string }) => why,
  noted: ({ text }: { text: string }) => text,
  posted: ({ slot }: { slot: string }) => slot,
};

const wordsOf = (event: RunEvent): string => {
  const more = SHOWN[event.kind] as ((one: RunEvent) => string) | undefined;
  if (event.kind === 'call') return `call: ${event.op} ${event.target} on ${event.host}`;
  if (event.kind === 'call-ended')
    return `call-ended: ${event.op} ${event.target}${event.error ? `: ${event.error}` : ''}`;
  if ('index' in event) return `${event.kind} (step ${event.index + 1})${more ? `: ${more(event)}` : ''}`;
  return `${event.kind}${more ? `: ${more(event)}` : ''}`;
};

const wordsOfCall = ({ call, host, name, target, took, fault, detail, error }: CallRecord): string =>
  `${call} ${name ?? target.slice(0, 70)}${detail ? ` → ${detail.slice(0, 60)}` : ''} on ${host}: ${took}${fault === 'ok' ? '' : ` (${fault})`}${error ? ` (${error})` : ''}`;

/** Writes every event and every call that changes something into the diary. */
export const tellAll = ({ heard, scene, diary }: Stage): void => {
  heard.add((run, event) =>
    diary.tell(
      run === undefined ? `journal: ${event.kind}` : `journal ${run}: ${wordsOf(event as RunEvent)}`,
    ),
  );
  scene.cloud.onCall((record) => diary.tell(`call ${record.nth}: ${wordsOfCall(record)}`));
};
