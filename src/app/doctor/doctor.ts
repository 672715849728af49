import { Refusal } from '../../errors.js';
import type { Workshop } from '../../run/runner.js';
import type { Check } from './check.js';
import { examineCloud } from './cloud.js';
import { examine, type HostReport, type Limits } from './examine.js';

export type DoctorReport = {
  readonly hosts: readonly Omit<HostReport, 'seen'>[];
  /** Findings of no single host; empty where one host was named. */
  readonly cloud: readonly Check[];
};

const LIMITS: Limits = { reach: 10_000, check: 20_000 };

/** Hosts looked at together: each of them has up to about ten calls in flight. */
const AT_ONCE = 24;

const pooled = async <T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> => {
  const done: R[] = [];
  const left = all.entries();
  const worker = async (): Promise<void> => {
    for (const [index, one] of left) done[index] = await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  return done;
};

type Asked = Pick<Workshop, 'config' | 'journal' | 'engineOf' | 'unitsOf' | 'clock'>;

/** Looks at one host, or at all of them and what they share. Changes nothing anywhere. */
export const doctor = async (
  workshop: Asked,
  name: string | undefined,
  limits: Limits = LIMITS,
): Promise<DoctorReport> => {
  const { hosts } = workshop.config;
  const chosen = name === undefined ? hosts : hosts.filter((host) => host.name === name);
  if (chosen.length === 0)
    throw new Refusal(
      'unknown-host',
      `There is no host "${name ?? ''}" in the hosts file.`,
      `Known: ${hosts.map((host) => host.name).join(', ')}.`,
    );
  const reports = await pooled(chosen, AT_ONCE, (host) => examine(host, workshop, limits));
  const cloud = name === undefined ? await examineCloud(workshop.config, reports) : [];
  return { hosts: reports.map(({ seen: _seen, ...report }) => report), cloud };
};
