import { addressOrPath, secretsOfEnv } from '../redact-names.js';
import { isPlain, isSecretName } from './plain.js';
import { type Setting, settingsOf, textOf } from './settings.js';
import type { ConfigFile, ConfigTree } from './tree.js';

const LEAST = 6;
const MOST = 4_096;

/** Whether a value may be taught to the redactor on its looks alone: an ordinary word would be masked in every text. */
const isOdd = (value: string): boolean => !isPlain(value) && !addressOrPath(value);

const ofSetting = ({ keys, value }: Setting): readonly string[] => [
  ...(isSecretName(keys) && isOdd(value) ? [value] : []),
  ...secretsOfEnv(keys.map((key) => `${key}=${value}`)),
  ...secretsOfEnv([`address=${value}`]),
];

/**
 * `name value`, `name: value` and `name = value` of files whose kind is not known, such as keepalived's `auth_pass x`. No
 * shorter name is tried: `(?=(…))\1` takes it whole, and nothing that may follow a name can stand inside one.
 */
const PAIR = /(?=([\w.-]{2,60}))\1["']?\s{0,8}([=: ])\s{0,8}["']?([^\s"']{6,512})/g;

/** A line that is one word: keys, cookies, hashes of a password file. */
const ALONE = /^(?:[\w.-]{1,64}:)?([^\s:]{16,512})$/;

const ofLine = (line: string): readonly string[] => {
  const pairs = [...line.slice(0, MOST).matchAll(PAIR)]
    .filter(([, , separator, value = '']) => separator === '=' || isOdd(value))
    .map(([, name = '', , value = '']) => `${name}=${value}`);
  const alone = ALONE.exec(line.trim())?.[1];
  return [
    ...secretsOfEnv([...pairs, `line=${line}`]),
    ...(alone !== undefined && isOdd(alone) ? [alone] : []),
  ];
};

const secretsOfFile = (file: ConfigFile): readonly string[] => {
  const text = textOf(file);
  if (text === undefined) return [];
  return [...(settingsOf(file) ?? []).flatMap(ofSetting), ...text.split('\n').flatMap(ofLine)];
};

/** What looks like a secret in a configuration: for the redactor, and never to be shown. */
export const secretsOf = (tree: ConfigTree): readonly string[] => [
  ...new Set(tree.files.flatMap(secretsOfFile).filter(({ length }) => length >= LEAST && length <= MOST)),
];
