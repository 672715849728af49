import type { Redactor } from '../redact.js';
import type { CloudEvent, Entry, RunEvent } from '../run/event.js';

export type Said =
  | { readonly run: string; readonly event: RunEvent }
  | { readonly run?: undefined; readonly event: CloudEvent };

/**
 * What is journaled of an event: redacted, and exactly what its JSON will give back, so that the state in memory never
 * differs from the one after a restart.
 */
export const entryOf = ({ run, event }: Said, at: number, redact: Pick<Redactor, 'redactDeep'>): Entry =>
  ({
    at: new Date(at).toISOString(),
    ...(run === undefined ? {} : { run }),
    event: redact.redactDeep(JSON.parse(JSON.stringify(event))),
  }) as Entry;

export const PLAIN: Pick<Redactor, 'redactDeep'> = { redactDeep: (value) => value };
