import { isServiceName, trivial } from './redact-names.js';

/** Shorter values are not taken: every text would be full of them. */
const LEAST = 6;
/** From so many spellings on, one walk over the text is faster than a search for each. */
const MANY = 192;

/** Base64 of a text that stands somewhere inside what was encoded: which of its characters are sure depends on where. */
const insideBase64 = (text: string): string[] =>
  [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const sure = bytes
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')].filter(({ length }) => length >= 8);
  });

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A secret as it may turn up in text: itself, its trimmed lines, inside JSON, inside a URL, in base64. */
export const spellingsOf = (value: string): readonly string[] => {
  const plain = value.trim();
  const lines = plain.includes('\n') ? plain.split('\n').map((line) => line.trim()) : [];
  const all = [plain, ...lines.filter((line) => line.length >= 16)].filter(
    (text) => text.length >= LEAST && !trivial(text) && !isServiceName(text),
  );
  return all.flatMap((text) => {
    const whole = text.replace(/\p{Cs}/gu, '');
    const url = encodeURIComponent(whole);
    return [
      text,
      inJson(text),
      inJson(inJson(text)),
      url,
      url.replaceAll('%20', '+'),
      Buffer.from(text)
        .toString('base64')
        .replace(/={1,2}$/, ''),
      ...insideBase64(text),
    ].filter(({ length }) => length >= LEAST);
  });
};

type Span = readonly [from: number, to: number];

/** Whether a match is only a part of a 64-digit hex number, as a container id or an image digest is. */
const insideDigest = (text: string, [from, to]: Span): boolean => {
  if (to - from >= 64 || !/^[0-9a-f]+$/.test(text.slice(from, to))) return false;
  const before = /(?<![0-9a-f])[0-9a-f]*$/.exec(text.slice(Math.max(0, from - 64), from))?.[0].length ?? 0;
  const after = /^[0-9a-f]*/.exec(text.slice(to, to + 64))?.[0].length ?? 0;
  return before + (to - from) + after === 64;
};

/** Values that must not be printed, and where they stand in a text. */
export type Known = { add(value: string): void; in(text: string): readonly Span[] };

export const knownValues = (): Known => {
  const known = new Set<string>();
  /** By their first characters. */
  const begins = new Map<string, string[]>();

  const oneByOne = (text: string): Span[] => {
    const found: Span[] = [];
    for (const secret of known)
      for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
        found.push([at, at + secret.length]);
    return found;
  };

  const inOneWalk = (text: string): Span[] => {
    const found: Span[] = [];
    for (let at = 0; at + LEAST <= text.length; at += 1)
      for (const secret of begins.get(text.slice(at, at + LEAST)) ?? [])
        if (text.startsWith(secret, at)) found.push([at, at + secret.length]);
    return found;
  };

  return {
    add: (value) => {
      for (const spelling of spellingsOf(value)) {
        if (known.has(spelling)) continue;
        known.add(spelling);
        const begin = spelling.slice(0, LEAST);
        const others = begins.get(begin);
        if (others) others.push(spelling);
        else begins.set(begin, [spelling]);
      }
    },
    in: (text) =>
      (known.size < MANY ? oneByOne(text) : inOneWalk(text)).filter((span) => !insideDigest(text, span)),
  };
};
