import { statusOf } from './http.js';
import { isInReach, type Reach } from './reach.js';
import type { DowntimeReport } from './report.js';

/** Time between two samples, in milliseconds, as far as the machine keeps up. */
export const SAMPLE_MS = 50;
const TIMEOUT_MS = 2_000;
/** Samples in flight at once: a hanging API must not pile up connections. */
const MAX_IN_FLIGHT = 20;

export type Sample = { readonly sentAt: number; readonly endedAt: number; readonly good: boolean };

/**
 * The gap in the samples: the longest time between two good answers with a bad one between them. An open end (no good
 * answer after the last bad one) counts up to the last sample, an open start from the first one. All in milliseconds.
 */
export const gapOf = (
  samples: readonly Sample[],
): Pick<DowntimeReport, 'longestGapMs' | 'good' | 'bad' | 'openStart' | 'openEnd'> => {
  const ordered = [...samples].sort((a, b) => a.endedAt - b.endedAt);
  const [first] = ordered;
  let lastGood = first?.sentAt ?? 0;
  let missed = false;
  let longestGapMs = 0;
  for (const sample of ordered) {
    missed ||= !sample.good;
    if (missed) longestGapMs = Math.max(longestGapMs, sample.endedAt - lastGood);
    if (sample.good) {
      lastGood = sample.endedAt;
      missed = false;
    }
  }
  const good = ordered.filter((sample) => sample.good).length;
  const openStart = first !== undefined && !first.good && good > 0;
  return {
    longestGapMs: good === 0 ? 0 : Math.round(longestGapMs),
    good,
    bad: ordered.length - good,
    ...(openStart ? { openStart } : {}),
    ...(missed && good > 0 ? { openEnd: true as const } : {}),
  };
};

/**
 * How close the questions really lay, in milliseconds: 19 of 20 were asked sooner after the one before. A busy machine
 * asks later than it means to, and a resolution that was not kept must not be claimed.
 */
export const resolutionOf = (samples: readonly Sample[]): number => {
  const sent = samples.map((sample) => sample.sentAt).sort((a, b) => a - b);
  const apart = sent
    .slice(1)
    .map((at, index) => at - (sent[index] ?? at))
    .sort((a, b) => a - b);
  return Math.max(SAMPLE_MS, Math.round(apart[Math.floor(apart.length * 0.95)] ?? SAMPLE_MS));
};

export type Sampler = { readonly hadAny: () => boolean; readonly stop: () => Promise<DowntimeReport> };

export type Sampled = {
  readonly url: string;
  readonly expect: readonly number[];
  /** Where `url` may lie; outside of it nothing is asked, and every sample is a bad one. */
  readonly reach: Reach;
};

const asked = async ({ url, expect, reach }: Sampled): Promise<boolean> => {
  if (!isInReach(url, reach)) return false;
  return expect.includes(await statusOf(url, TIMEOUT_MS));
};

/**
 * Asks `url` every 50 ms on fresh connections until stopped. An address that never answered well is "not reachable from
 * here" and no downtime.
 */
export const startSampler = (host: string, sampled: Sampled): Sampler => {
  const samples: Sample[] = [];
  const inFlight = new Set<Promise<void>>();
  const ask = async () => {
    const sentAt = performance.now();
    const good = await asked(sampled).catch(() => false);
    samples.push({ sentAt, endedAt: performance.now(), good });
  };
  const begin = () => {
    if (inFlight.size >= MAX_IN_FLIGHT) return;
    const sample: Promise<void> = ask().finally(() => inFlight.delete(sample));
    inFlight.add(sample);
  };
  begin();
  const timer = setInterval(begin, SAMPLE_MS);
  return {
    hadAny: () => samples.length > 0,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(inFlight);
      const gap = gapOf(samples);
      return {
        host,
        target: sampled.url,
        reachable: gap.good > 0,
        resolutionMs: resolutionOf(samples),
        ...gap,
      };
    },
  };
};
