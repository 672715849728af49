import type { Line, Span } from '../command.js';
import { clean, cleanLine } from './clean.js';

/** The only three characters that Slack asks to be escaped. */
export const escapeEntities = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const LOOKALIKES: Record<string, string> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' };

/**
 * Takes the life out of mrkdwn in text that is nobody's markup. Underscore and tilde are left alone inside words
 * (`cinder_api`), where Slack does not read them as markup and where people copy them.
 */
export const neutral = (text: string): string =>
  text
    .replace(/[*`]/g, (mark) => LOOKALIKES[mark] ?? '')
    .replace(/(?<![\p{L}\p{N}_~])[_~]+|[_~]+(?![\p{L}\p{N}_~])/gu, (marks) =>
      [...marks].map((mark) => LOOKALIKES[mark] ?? '').join(''),
    )
    .replace(/:(?=(?:[\w+'-]*[a-z+-][\w+'-]*|100|1234):)/gi, '∶')
    .replace(/^([^\S\n]*)>/gm, '$1›');

/** A Slack user id; whoever has another id is shown by name. */
const isSlackUser = (id: string): boolean => /^[UW][A-Z0-9]{2,}$/.test(id);

/** `2026-11-22 10:27:05 UTC`, or the text itself where it is not a time. */
export const utc = (time: string): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? cleanLine(time)
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** Slack's own date markup shows each reader their own time zone; servers that only know the basics show it raw. */
const drawTime = (time: string, localTimes: boolean): string => {
  const seconds = Math.floor(new Date(time).getTime() / 1_000);
  const fallback = escapeEntities(neutral(utc(time)));
  return localTimes && Number.isFinite(seconds)
    ? `<!date^${seconds}^{date_short_pretty} {time_secs}|${fallback}>`
    : fallback;
};

const wrapped = (mark: string, inner: string): string => (inner === '' ? '' : `${mark}${inner}${mark}`);

const flat = (text: string): string => clean(text).replace(/[\n\t]+/g, ' ');

const drawSpan = (span: Span, localTimes: boolean): string => {
  if (typeof span === 'string') return escapeEntities(neutral(flat(span)));
  if ('bold' in span) return wrapped('*', escapeEntities(neutral(cleanLine(span.bold))));
  if ('code' in span) return wrapped('`', escapeEntities(cleanLine(span.code).replaceAll('`', 'ˋ')));
  if ('time' in span) return drawTime(span.time, localTimes);
  return isSlackUser(span.person.id)
    ? `<@${span.person.id}>`
    : escapeEntities(neutral(cleanLine(span.person.name)));
};

/** Shortens what a span says until it fits; a person or a time cannot be shortened and is left out. */
const shortened = (span: Span, room: number): string => {
  const text = typeof span === 'string' ? span : 'bold' in span ? span.bold : 'code' in span ? span.code : '';
  for (let length = Math.min(text.length, room); length > 0; length = Math.floor(length * 0.8)) {
    const piece = text.slice(0, length);
    const drawn = drawSpan(
      typeof span === 'string' ? piece : 'bold' in span ? { bold: piece } : { code: piece },
      false,
    );
    if (drawn.length <= room) return drawn;
  }
  return '';
};

/** One line of mrkdwn in which only our own spans are live, at most `max` characters long. */
export const drawLine = (line: Line, { max, localTimes }: { max: number; localTimes: boolean }): string => {
  const spans = line.map((span) => drawSpan(span, localTimes));
  const whole = spans.join('');
  if (whole.length <= max) return whole;
  let drawn = '';
  for (const [index, span] of line.entries()) {
    const next = spans[index] ?? '';
    if (drawn.length + next.length > max - 1) return `${drawn}${shortened(span, max - 1 - drawn.length)}…`;
    drawn += next;
  }
  return drawn;
};
