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

const redactLine = (line: string, { redact, redactDeep }: LogOptions['redact']): string => {
  try {
    return `${JSON.stringify(redactDeep(JSON.parse(line)))}\n`;
  } catch {
    return `${redact(line.trimEnd())}\n`;
  }
};
