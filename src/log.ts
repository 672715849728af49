import { format } from 'node:util';
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

/** The log of one run: every line bears its id. */
export const runLog = (log: Log, run: string): Log => log.child({ run });

/** The shape of Slack's `Logger`; `Level` is Slack's own enumeration of level names. */
export type SlackLogger<Level extends string> = {
  debug(...message: unknown[]): void;
  info(...message: unknown[]): void;
  warn(...message: unknown[]): void;
  error(...message: unknown[]): void;
  setLevel(level: Level): void;
  getLevel(): Level;
  setName(name: string): void;
};

/** Lets Bolt and its clients write to our log, from `level` upwards. */
export const slackLogger = <Level extends string>(log: Log, level: Level): SlackLogger<Level> => {
  let current = level;
  let child = log.child({ name: 'slack' }, { level });
  const say =
    (severity: 'debug' | 'info' | 'warn' | 'error') =>
    (...message: unknown[]): void => {
      const err = message.find((part) => part instanceof Error);
      child[severity](
        err ? { err } : {},
        format(...message.map((part) => (part instanceof Error ? part.message : part))),
      );
    };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    setLevel: (next) => {
      current = next;
      child.level = next;
    },
    getLevel: () => current,
    setName: (name) => {
      child = log.child({ name }, { level: current });
    },
  };
};
