import { format } from 'node:util';
import { LogLevel, type Logger as SlackLogger } from '@slack/logger';
import type { Logger } from 'pino';

/**
 * Slack's libraries log through ours. Their debug lines hold whole requests and responses, so they are dropped; the
 * rest goes through the redactor.
 */
export const slackLogger = (log: Logger, redact: (text: string) => string): SlackLogger => {
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) =>
      log[level](redact(format(...parts)));
  return {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
};
