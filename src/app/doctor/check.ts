import type { HostConfig } from '../../config.js';
import type { ContainerInspect } from '../../engine/inspect.js';
import type { Engine, EngineInfo } from '../../engine/port.js';
import type { Units } from '../../engine/units.js';
import type { Workshop } from '../../run/runner.js';

/** What one look found. `know`: nothing is broken, but it costs or limits something; `mend`: it will stand in the way. */
export type Check =
  | { readonly code: string; readonly level: 'well'; readonly what: string }
  | {
      readonly code: string;
      readonly level: 'know' | 'mend';
      readonly what: string;
      readonly why: string;
      readonly wayOut: string;
    };

export type Finding = Exclude<Check, { level: 'well' }>;

/** A host whose engine answered, and what was read from it once for all checks. */
export type HostUnderCheck = {
  readonly host: HostConfig;
  readonly engine: Engine;
  /** Absent: the host's systemd cannot be reached. */
  readonly units: Units | undefined;
  readonly workshop: Pick<Workshop, 'config' | 'journal'>;
  readonly info: EngineInfo;
  /** Milliseconds since the epoch by our own clock, around the question for `info`. */
  readonly asked: { readonly at: number; readonly answeredAt: number };
  readonly containers: readonly ContainerInspect[];
};

export type HostCheck = (host: HostUnderCheck) => Promise<readonly Check[]>;

type Words = {
  readonly what: string;
  readonly why: string;
  /** What to do; commands stand between backticks. */
  readonly wayOut: string;
};

export const well = (code: string, what: string): Check => ({ code, level: 'well', what });
export const know = (code: string, words: Words): Check => ({ code, level: 'know', ...words });
export const mend = (code: string, words: Words): Check => ({ code, level: 'mend', ...words });

const NAMED = 6;

/** `a, b and c`; of many the first few and how many more there are. */
export const names = (all: readonly string[]): string => {
  const shown = all.length > NAMED + 1 ? [...all.slice(0, NAMED), `${all.length - NAMED} more`] : all;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
};

/** The verb that fits the number of names. */
export const verb = (all: readonly unknown[], one: string, many: string): string =>
  all.length === 1 ? one : many;
