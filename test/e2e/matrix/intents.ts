import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const line = z.object({ event: z.looseObject({ kind: z.string(), op: z.string().optional() }) });

/** The journal's word for the calls that a request may belong to; no entry: the request changes nothing. */
const OPS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^POST \/containers\/create\b/, ['create']],
  [/^POST \/networks\/[^/]+\/connect\b/, ['create']],
  [/^POST \/containers\/[^/]+\/start\b/, ['start', 'restart']],
  [/^POST \/containers\/[^/]+\/stop\b/, ['stop']],
  [/^POST \/containers\/[^/]+\/rename\b/, ['rename']],
  [/^POST \/containers\/[^/]+\/update\b/, ['update']],
  // What a cut create left is removed under the intent to create.
  [/^DELETE \/containers\/[^/]+/, ['remove', 'create']],
];

/** Requests that look, though they are no GET. */
const LOOKS = /^(GET|HEAD) |^POST \/(containers\/[^/]+\/(wait|exec)|exec\/[^/]+\/start)\b/;

/** Whether a request changes something; a kind that nobody has thought of counts as a change. */
export const isChange = (request: string): boolean => !LOOKS.test(request);

/**
 * What a journal's files on the disk say to be under way: read at the moment in which a request is on its way to the
 * engine, so an intent that is found was durable before it.
 */
export const intents = (folder: string) => {
  const read = new Map<string, number>();
  let open: string[] = [];

  const take = (text: string): void => {
    const { event } = line.parse(JSON.parse(text));
    if (event.kind === 'call' && event.op) open.push(event.op);
    if (event.kind === 'call-ended') open = open.filter((op) => op !== event.op);
    if (event.kind === 'interrupted') open = [];
  };

  const readOn = (): void => {
    for (const name of readdirSync(folder)
      .filter((one) => /^journal-\d+\.jsonl$/.test(one))
      .sort()) {
      const bytes = readFileSync(join(folder, name));
      const from = read.get(name) ?? 0;
      const end = bytes.lastIndexOf(10) + 1;
      for (const text of bytes.subarray(from, end).toString().split('\n')) if (text) take(text);
      read.set(name, end);
    }
  };

  return {
    /** Why the journal does not account for a request that is about to reach the engine; `undefined` when it does. */
    missingFor: (request: string): string | undefined => {
      if (!isChange(request)) return undefined;
      readOn();
      const ops = OPS.find(([pattern]) => pattern.test(request))?.[1];
      if (!ops) return `${request}: no call of the journal means this`;
      return ops.some((op) => open.includes(op))
        ? undefined
        : `${request}: no intent in the journal (under way: ${open.join(', ') || 'nothing'})`;
    },
  };
};
