import { looksSecret } from '../redact-names.js';

/** Names whose values are secret beyond those that the redactor knows from environments. */
const MORE_NAMES =
  /communit|passcode|(?:^|_)(?:pin|seed|nonce|iv|psk|dsn|hmac|signature|license|cert|pem)(?:_|$)/i;

export const isSecretName = (keys: readonly string[]): boolean =>
  keys.some((key) => looksSecret(key) || MORE_NAMES.test(key));

/** Letters as people write them: humps of at least two, and no long run of consonants as random letters have. */
const isWord = (letters: string): boolean => {
  const humps = letters.split(/(?=[A-Z][a-z])/);
  const pronounced = letters.length < 8 || (!/[^aeiouyAEIOUY]{6}/.test(letters) && /[aeiouy]/i.test(letters));
  return (
    humps.every((hump) => /^(?:[A-Z]*[a-z]*)$/.test(hump) && (hump.length > 1 || letters.length === 1)) &&
    pronounced
  );
};

/** A word, a number, or a word with a number at its end or its middle, as in `node12`, `x86`, `8k`, `ipv6`. */
const isPlainPart = (part: string): boolean => {
  if (/^\d+$/.test(part)) return part.length <= 10;
  if (part.length > 24) return false;
  if (/^[A-Za-z]+$/.test(part)) return isWord(part);
  return (
    part.length <= 16 &&
    /^(?:[a-z]{0,12}\d{1,4}[a-z]{0,4}|[A-Z]{1,8}\d{1,4}|[A-Z][a-z]{1,11}\d{1,4})$/.test(part)
  );
};

/** Characters of ordinary settings; `@` and `?` stand in addresses that carry credentials. */
const ORDINARY = /^[\w\s.:/,;()[\]{}<>*%'"=+|-]*$/;

const MOST = 200;

/** Whether a text is made of ordinary words, numbers, addresses and paths. Nothing that is random passes. */
export const isPlain = (text: string): boolean =>
  text.length <= MOST &&
  ORDINARY.test(text) &&
  text.split(/[^A-Za-z0-9]+/).every((part) => part === '' || isPlainPart(part));

const NAME = /^[A-Za-z_[][\w.:\-/ *[\]%]{0,100}$/;

/** Whether a setting's name is one: a line of a key file may look like a setting. */
export const isPlainName = (name: string): boolean => NAME.test(name) && isPlain(name);
