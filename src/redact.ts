import { Secret } from './config.js';
import { type Known, knownValues } from './redact-known.js';
import { looksSecret, trivial } from './redact-names.js';
import { maskPatterns } from './redact-patterns.js';

/** What stands where a secret stood. */
export const MASK = '[redacted]';

export type Redactor = {
  /** Remembers values that must never be printed. Shorter than 6 characters or trivial words are not taken. */
  learn(secrets: Iterable<string | Secret>): void;
  redact(text: string): string;
  /** A copy of any JSON in which every string is redacted. Names, ids and digests keep their spelling. */
  redactDeep<T>(value: T): T;
  /** Text of a container as people may see it: cleaned, redacted as a whole, and only then cut to its end. */
  tail(text: string, limit: TailLimit): string;
};

export type TailLimit = { readonly lines: number; readonly chars: number };

/**
 * Keys whose values are looked up again later (container names, ids, image references). A learned value that happens
 * to be spelled like one would otherwise break the run; what has the shape of a secret is masked there, too.
 */
const IDENTIFIERS: ReadonlySet<string> = new Set(
  `kind id name host socket hostname service entry imageRef imageId spec identity configHash fingerprint ref digest release tag tags
  image op target run slot channel ts at part phase door verdict outcome probe code level version apiVersion
  folder rendered destination presentHash hash container what revision startedAt choices onFailure when account team policy`.split(
    /\s+/,
  ),
);

/** Lists of a plan that are performed as they were journaled: in them nothing is masked but what has a secret's shape. */
const PERFORMED: ReadonlySet<string> = new Set(['steps', 'finalize']);

/** Messages are drawn again after every event, mostly of the same texts: so many, of so many characters, are remembered. */
const REMEMBERED = { texts: 2_000, chars: 1_000 };

/** Names of our own properties, by which a value is read again. */
const PROPERTY = /^[a-z][A-Za-z]*$/;

/** The one redactor in front of Slack, log and journal. */
export const redactor = (): Redactor => {
  const known = knownValues();
  /** What each text became; void as soon as one more secret is known. */
  const before = new Map<string, string>();
  const redact = (text: string): string => {
    const masked = before.get(text) ?? maskPatterns(maskKnown(text, known), MASK);
    if (before.size >= REMEMBERED.texts) before.clear();
    if (text.length <= REMEMBERED.chars) before.set(text, masked);
    return masked;
  };

  const deep = (value: unknown, key: string, performed: boolean): unknown => {
    if (typeof value === 'string') {
      if (looksSecret(key) && !trivial(value)) return MASK;
      return performed || IDENTIFIERS.has(key) ? maskPatterns(value, MASK) : redact(value);
    }
    if (Array.isArray(value)) return value.map((item) => deep(item, key, performed || PERFORMED.has(key)));
    if (value instanceof Secret) return MASK;
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        performed || PROPERTY.test(name) ? name : redact(name),
        deep(inner, name, performed),
      ]),
    );
  };

  return {
    learn: (secrets) => {
      for (const secret of secrets) known.add(secret instanceof Secret ? secret.reveal() : secret);
      before.clear();
    },
    redact,
    redactDeep: <T>(value: T) => deep(value, '', false) as T,
    tail: (text, limit) => lastOf(redact(clean(text)), limit),
  };
};

/** Masks all known values at once, so that one of two overlapping secrets never leaves its rest behind. */
const maskKnown = (text: string, known: Known): string => {
  let masked = '';
  let done = 0;
  for (const [from, to] of [...known.in(text)].sort(([a], [b]) => a - b)) {
    if (to <= done) continue;
    if (from >= done) masked += text.slice(done, from) + MASK;
    done = to;
  }
  return masked + text.slice(done);
};

const ESC = String.fromCharCode(0x1b);
const BELL = String.fromCharCode(0x07);
/** CSI, OSC and two-character sequences: ECMA-48, sections 5.4 and 8.3. */
const ANSI = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)?|[ -/]*[0-~])`,
  'g',
);
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text without ANSI sequences, control, zero-width and bidirectional characters; line ends become `\n`. */
export const clean = (text: string): string =>
  text
    .replace(ANSI, '')
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, (character) => (character === '\n' || character === '\t' ? character : ''));

const lastOf = (text: string, { lines, chars }: TailLimit): string => {
  const last = text.trimEnd().split('\n').slice(-lines).join('\n');
  if (last.length <= chars) return last;
  const cut = last.slice(last.length - chars + 1);
  return `…${cut.replace(/^[\udc00-\udfff]/, '')}`;
};
