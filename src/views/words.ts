import type { Line, Span } from '../command.js';
import type { Plan } from '../plan/plan.js';

/** Seconds to a tenth below a minute, whole seconds below an hour: `4.2 s`, `3 min 10 s`, `1 h 5 min`. */
export const duration = (milliseconds: number): string => {
  const tenths = Math.round(Math.max(0, milliseconds) / 100);
  if (tenths < 600) return `${tenths / 10} s`;
  const seconds = Math.round(tenths / 10);
  if (seconds < 3_600)
    return joined([`${Math.floor(seconds / 60)} min`, seconds % 60 > 0 ? `${seconds % 60} s` : '']);
  const minutes = Math.round(seconds / 60);
  return joined([`${Math.floor(minutes / 60)} h`, minutes % 60 > 0 ? `${minutes % 60} min` : '']);
};

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

/** How often something was sampled; below a second in milliseconds. */
export const resolution = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : duration(milliseconds);

/** `1 container`, `3 containers`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;

/** `listed` for pieces that are not plain text. */
export const listedSpans = (spans: readonly Span[]): Line =>
  spans.flatMap((span, at) => (at === 0 ? [span] : [at === spans.length - 1 ? ' and ' : ', ', span]));

/** At most `length` characters, the cut shown. */
export const clip = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

/** Somebody else's words made fit for the middle of a sentence: one line, not too long. */
export const oneLine = (text: string, length = 300): string => clip(text.replace(/\s+/g, ' ').trim(), length);

/** A sentence has one full stop at its end, whoever wrote it. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** The tag of an image reference; a port in the registry's name is no tag. */
export const tagOf = (ref: string): string => /:([^:/@]+)(?:@.*)?$/.exec(ref)?.[1] ?? 'latest';

/** The name of an image without registry and tag. */
export const imageOf = (ref: string): string =>
  (ref.split('@')[0] ?? ref)
    .split('/')
    .at(-1)
    ?.replace(/:[^:]*$/, '') ?? ref;

/** Enough of a digest to tell two builds apart. */
export const shortDigest = (digest: string): string => digest.replace(/^.*sha256:/, '').slice(0, 12);

const version = (release: string | null, tags: readonly string[]): string => {
  const tagWords = listed(tags);
  if (release === null) return tagWords;
  return tagWords === release || tagWords === '' ? release : `${release} (${tagWords})`;
};

export const fromWords = (plan: Plan): string => version(plan.from.release, plan.from.tags) || 'nothing';
export const toWords = (plan: Plan): string => version(plan.to.release, [plan.to.tag]);

/** `2025.1 → 2025.2`; a newer build under the same tag is called so. */
export const fromTo = (plan: Plan): string => {
  const [from, to] = [fromWords(plan), toWords(plan)];
  return from === to ? `${from}, a newer build` : `${from} → ${to}`;
};

/** What text doors print for a line that is made of spans. */
export const plain = (line: Line): string =>
  line
    .map((span) => {
      if (typeof span === 'string') return span;
      if ('bold' in span) return span.bold;
      if ('code' in span) return span.code;
      return 'person' in span ? span.person.name : span.time;
    })
    .join('');
