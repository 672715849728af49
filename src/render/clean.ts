import { stripVTControlCharacters } from 'node:util';

/**
 * Text as a person may safely read it: without ANSI sequences, control and bidirectional characters, zero-width
 * characters and lone surrogates, all of which can make a text look like another one. Line ends and tabs stay.
 */
export const clean = (text: string): string =>
  stripVTControlCharacters(text.replace(/\r\n?/g, '\n').replace(/[\p{Zl}\p{Zp}]/gu, '\n'))
    .replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .replace(/\p{Cc}/gu, (character) => (character === '\n' || character === '\t' ? character : ''));

/** The same on one line. */
export const cleanLine = (text: string): string =>
  clean(text)
    .replace(/[\n\t]+/g, ' ')
    .trim();

/** At most `max` UTF-16 units, ending in `…` where something was cut; never half of a surrogate pair. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const kept = text.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, '');
  return max > 0 ? `${kept}…` : '';
};
