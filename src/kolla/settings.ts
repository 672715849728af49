import { extname } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { ConfigFile } from './tree.js';

/** One setting of a file. `name` says where it stands; `keys` are the words that tell whether its value is a secret. */
export type Setting = { readonly name: string; readonly keys: readonly string[]; readonly value: string };

const MOST_SETTINGS = 5_000;

/** oslo.config's format: sections, `name = value`, indented lines that go on with the value before, comments. */
const ofIni = (text: string): readonly Setting[] | undefined => {
  const settings: { name: string; keys: string[]; value: string }[] = [];
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const last = settings.at(-1);
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const [, named] = /^\[([^\]]*)\]$/.exec(trimmed) ?? [];
    const [, key, value] = /^([^=\s[][^=]{0,200}?)\s{0,40}=\s*(.*)$/.exec(trimmed) ?? [];
    if (/^\s/.test(line) && last) last.value += ` ${trimmed}`;
    else if (named !== undefined) section = named;
    else if (key !== undefined && value !== undefined)
      settings.push({ name: section === '' ? key : `[${section}] ${key}`, keys: [key], value });
    else return undefined;
  }
  return settings;
};

const scalar = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Objects by their path; what stands in a list has no place of its own, so that one more does not move all others. */
const flatten = (value: unknown, path: readonly string[]): Setting[] => {
  const name = path.join('.');
  if (Array.isArray(value))
    return value.flatMap((item) => flattenItem(item, [...path.slice(0, -1), `${path.at(-1) ?? ''}[]`]));
  if (!isRecord(value)) return [{ name, keys: path, value: scalar(value) }];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
};

/** A list's object is one line: two of them with the same key would else be mixed. */
const flattenItem = (item: unknown, path: readonly string[]): Setting[] => {
  const settings = flatten(item, path);
  if (!isRecord(item)) return settings;
  const within = path.join('.').length + 1;
  return [
    {
      name: path.join('.'),
      keys: [...new Set(settings.flatMap(({ keys }) => keys))],
      value: settings.map(({ name, value }) => `${name.slice(within)}=${value}`).join(' '),
    },
  ];
};

const ofJson = (text: string): readonly Setting[] | undefined => {
  try {
    return flatten(JSON.parse(text), []);
  } catch {
    // What cannot be read is shown as a whole: that it changed, and its size.
    return undefined;
  }
};

const ofYaml = (text: string): readonly Setting[] | undefined => {
  try {
    return flatten(parseYaml(text, { logLevel: 'silent', maxAliasCount: 20 }), []);
  } catch {
    // The same: only that it changed, and its size.
    return undefined;
  }
};

const KINDS: Readonly<Partial<Record<string, (text: string) => readonly Setting[] | undefined>>> = {
  '.conf': ofIni,
  '.ini': ofIni,
  '.cfg': ofIni,
  '.cnf': ofIni,
  '.json': ofJson,
  '.yaml': ofYaml,
  '.yml': ofYaml,
};

/** Text of a file; `undefined` for what is none. */
export const textOf = ({ content }: ConfigFile): string | undefined => {
  const text = content.toString('utf8');
  return text.includes('\u0000') || text.includes('\ufffd') ? undefined : text;
};

/** What a file sets, where its kind is known and all of it is understood; `undefined` for everything else. */
export const settingsOf = (file: ConfigFile): readonly Setting[] | undefined => {
  const text = textOf(file);
  const settings = text === undefined ? undefined : KINDS[extname(file.path)]?.(text);
  return settings && settings.length <= MOST_SETTINGS ? settings : undefined;
};
