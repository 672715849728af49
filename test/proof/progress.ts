import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../src/errors.js';
import type { Suite } from './suite.js';
import { NOTHING, type Tally } from './tally.js';

/** How far one suite has come. */
export type Done = {
  readonly next: number;
  /** How many there are; `null` before they were counted. */
  readonly of: number | null;
  readonly tally: Tally;
  readonly seconds: number;
};

/** How far each suite has come with one program. */
export type Progress = { readonly program: string; readonly suites: Readonly<Record<string, Done>> };

export const BEGIN: Done = { next: 0, of: null, tally: NOTHING, seconds: 0 };

/** What was done with the same program; nothing where there is none, or another one did it. `say` hears why. */
export const readProgress = (file: URL, program: string, say: (line: string) => void): Progress => {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Progress;
    if (kept.program === program) return kept;
    say('The product or its simulation was changed since: it begins anew.');
  } catch (error) {
    say(`It begins at the first case (${messageOf(error).split('\n')[0]}).`);
  }
  return { program, suites: {} };
};

/** Whole or not at all: it may be stopped at any moment. */
export const writeWhole = (file: URL, content: unknown): void => {
  mkdirSync(new URL('.', file), { recursive: true });
  const temporary = new URL(`${file.href}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(temporary, file);
};

/** What was tried of all suites; `whole` only where nothing of any was left out. */
export const resultOf = (
  { program, suites: all }: Progress,
  suites: readonly Pick<Suite, 'name' | 'what'>[],
  where: { readonly commit: string; readonly date: string; readonly machine: string },
) => {
  const done = (name: string): Done => all[name] ?? BEGIN;
  return {
    ...where,
    program,
    whole: suites.every(({ name }) => done(name).next === done(name).of),
    suites: suites.map(({ name, what }) => {
      const { of, tally, seconds } = done(name);
      return {
        name,
        what,
        of,
        tried: tally.tried,
        survived: tally.tried - tally.lost,
        lost: tally.lost,
        ends: tally.ends,
        seconds: Math.round(seconds),
        ...(tally.lost > 0 ? { examples: tally.examples } : {}),
      };
    }),
  };
};
