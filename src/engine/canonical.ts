import { hash } from 'node:crypto';

/** JSON with sorted keys, so that equal things give equal text. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const record = value as Readonly<Record<string, unknown>>;
  const parts = [];
  for (const key of Object.keys(record).sort((a, b) => (a < b ? -1 : 1)))
    if (record[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(record[key])}`);
  return `{${parts.join(',')}}`;
};

export const sha256 = (text: string): string => hash('sha256', text);

const entriesOf = (value: object): readonly (readonly [string, unknown])[] =>
  Object.entries(value).filter(([, inner]) => inner !== undefined);

const alike = (one: unknown, other: unknown): boolean => {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, at) => same(item, other[at]))
    );
  const fields = entriesOf(one);
  const others = other as Readonly<Record<string, unknown>>;
  return (
    fields.length === entriesOf(other).length &&
    fields.every(([key, inner]) => Object.hasOwn(others, key) && alike(inner, others[key]))
  );
};

/** Whether two values of inspect answers are the same, whatever the order of their keys. */
export const same = (a: unknown, b: unknown): boolean => alike(a ?? null, b ?? null);

/** Absent, null, '', [] and {}: the engine does not tell them apart in most places. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** What an engine writes as [] once it was restarted, whatever it was told (moby, `InitDNSHostConfig`). */
const FILLED_IN = ['Dns', 'DnsOptions', 'DnsSearch'] as const;

/** A host configuration as it was before its engine was restarted. */
export const asAsked = <T extends Readonly<Record<string, unknown>>>(hostConfig: T): T => ({
  ...hostConfig,
  ...Object.fromEntries(
    FILLED_IN.filter((key) => key in hostConfig && isEmpty(hostConfig[key])).map((key) => [key, null]),
  ),
});

/** Without the entries that say nothing. */
export const withoutEmpty = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)));
