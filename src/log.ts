import pino from 'pino';
import type { Redactor } from './redact.js';

export type Log = pino.Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Where lines go: standard output unless named. */
export type LogOptions = {
  readonly level: LogLevel;
  readonly redact: Pick<Redactor, 'redact' | 'redactDeep'>;
  readonly destination?: pino.DestinationStream;
};

/** One JSON object a line. Every string of it passes the redactor, the texts of errors and nested objects, too. */
export const createLog = ({ level, redact, destination }: LogOptions): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redactLine(line, redact) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );

/** What JSON lets through and a terminal would obey, or a person not see: written as `\\uXXXX`, which JSON reads back. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu;

const visible = (text: string): string =>
  text.replace(UNSEEN, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );

const redactLine = (line: string, { redact, redactDeep }: LogOptions['redact']): string => {
  try {
    return `${visible(JSON.stringify(redactDeep(JSON.parse(line))))}\n`;
  } catch {
    return `${visible(redact(line.trimEnd()))}\n`;
  }
};
