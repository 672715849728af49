import { z } from 'zod';
import type { App } from '../src/app.js';
import type { Context } from '../src/command.js';
import type { Run } from '../src/run/run.js';

/** A run by its id, a service's name, or the thread in which it is said. */
export const runArgs = z.strictObject({ run: z.string().optional() });

export type Reference = { readonly run: Run; readonly fingerprint?: string };

/** `id:fp`, as a button carries it, binds to the plan that was seen; a bare word does not. */
export const referTo = (app: App, word: string | undefined, context: Context): Reference => {
  const [, name, fingerprint] = /^(.+):([0-9a-f]{6,64})$/.exec(word ?? '') ?? [];
  const run = app.findRun(name ?? word, context.threadRun);
  return fingerprint === undefined ? { run } : { run, fingerprint };
};
