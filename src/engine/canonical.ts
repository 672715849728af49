import { createHash } from 'node:crypto';

/** JSON with sorted keys, so that equal things give equal text. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether two values of inspect answers are the same, whatever the order of their keys. */
export const same = (a: unknown, b: unknown): boolean => canonical(a ?? null) === canonical(b ?? null);

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
