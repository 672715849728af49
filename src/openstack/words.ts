import { messageOf } from '../errors.js';
import type { Answered } from '../probes/report.js';
import type { Answer } from './http.js';

const LONGEST = 160;

/** OpenStack's errors hold a sentence under `message`, one level down; a proxy's page is text. */
const messageIn = (body: unknown): string => {
  if (typeof body === 'string') return body.replace(/<[^<>]*>/g, ' ');
  if (typeof body !== 'object' || body === null) return '';
  const inner: unknown[] = [body, ...Object.values(body)];
  const found = inner.flatMap((one) =>
    typeof one === 'object' && one !== null && 'message' in one && typeof one.message === 'string'
      ? [one.message]
      : [],
  );
  return found[0] ?? '';
};

/** `answers 503 ("The server is currently unavailable.")`; older keystones quote the token, which is taken out. */
export const answerWords = ({ status, body }: Answer, secrets: readonly string[] = []): string => {
  const message = secrets
    .reduce((text, secret) => text.replaceAll(secret, '[redacted]'), messageIn(body))
    .replace(/\s+/g, ' ')
    .trim();
  const said = message.length > LONGEST ? `${message.slice(0, LONGEST - 1)}…` : message;
  return `answers ${status}${said === '' ? '' : ` ("${said}")`}`;
};

/** Whether time may mend it: a service that starts or lost its way to another one says 401 or 5xx. */
export const mayMend = (status: number): boolean => status >= 500 || [401, 408, 429].includes(status);

export const badAnswer = (what: string, answer: Answer, secrets: readonly string[] = []): Answered => ({
  what,
  verdict: mayMend(answer.status) ? 'waiting' : 'ill',
  why: answerWords(answer, secrets),
});

export const noAnswer = (what: string, error: unknown): Answered => ({
  what,
  verdict: 'waiting',
  why: messageOf(error),
});
