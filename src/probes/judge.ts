import type { HealthPolicy } from '../config.js';
import type { Engine } from '../engine/port.js';
import { type Clock, realClock } from './clock.js';
import { PROBES } from './index.js';
import type { ProbeContext, ProbeName } from './probe.js';
import type { Reach } from './reach.js';
import type { HealthReport, ProbeResult } from './report.js';

export type JudgeRequest = {
  readonly engine: Engine;
  readonly id: string;
  readonly container: string;
  readonly url: string | null;
  readonly reach: Reach;
  readonly expect: readonly number[];
  readonly policy: HealthPolicy;
  readonly clock?: Clock;
  /** Called before each round; throws to end the judging (a roll back was decided meanwhile). */
  readonly checkpoint?: () => void;
};

type RoundRecord = {
  readonly results: readonly ProbeResult[];
  readonly streak: number;
  readonly everWell: boolean;
};

const NONE: RoundRecord = { results: [], streak: 0, everWell: false };

/** Adds a round: a row of rounds counts only while every probe that can judge is well. */
export const addRound = (before: RoundRecord, round: readonly ProbeResult[], ageMs: number): RoundRecord => {
  const judging = round.filter((result) => result.verdict !== 'unknown');
  const allWell = judging.length > 0 && judging.every((result) => result.verdict === 'well');
  const results = round.map((result) => {
    if (result.verdict !== 'well') return result;
    const earlier = before.results.find((other) => other.probe === result.probe);
    return {
      ...result,
      wellAfterMs:
        earlier?.verdict === 'well' && earlier.wellAfterMs !== undefined ? earlier.wellAfterMs : ageMs,
    };
  });
  return { results, streak: allWell ? before.streak + 1 : 0, everWell: before.everWell || allWell };
};

/**
 * The outcome so far, or `undefined` to go on: healthy after enough rounds in a row and the minimum time; unhealthy
 * when a probe says that waiting will not help, or when the deadline finds it never well; inconclusive when it was well
 * in between (it flaps: people decide).
 */
export const verdictOf = (
  record: RoundRecord,
  ageMs: number,
  policy: HealthPolicy,
): HealthReport['outcome'] | undefined => {
  if (record.results.some((result) => result.verdict === 'ill')) return 'unhealthy';
  if (record.streak >= policy.successes && ageMs >= policy.minimum) return 'healthy';
  if (ageMs < policy.deadline) return undefined;
  return record.everWell ? 'inconclusive' : 'unhealthy';
};

/** An engine that does not answer is not a container that is gone: it is asked until the deadline, then its error goes on. */
const firstLook = async ({ engine, id, policy, checkpoint }: JudgeRequest, clock: Clock) => {
  const began = clock.now();
  for (;;) {
    try {
      return await engine.inspect(id);
    } catch (error) {
      if (clock.now() - began >= policy.deadline) throw error;
      checkpoint?.();
      await clock.sleep(policy.interval);
    }
  }
};

const inspectQuietly = async (engine: Engine, id: string, last: ProbeContext['container']) => {
  try {
    return await engine.inspect(id);
  } catch {
    // An engine that does not answer says nothing about the container: keep what was seen last, the deadline decides.
    return last;
  }
};

const NOT_ASKED = { verdict: 'unknown', why: 'not asked before the other probes are well' } as const;

/**
 * All probes once. The container's own check comes last, and only when nothing else has to be waited for: its command
 * takes the processor from the program that is just starting, and makes the gap longer.
 */
const roundOf = async (context: ProbeContext): Promise<readonly ProbeResult[]> => {
  const { healthcheck, ...cheap } = PROBES;
  const results = new Map<string, Omit<ProbeResult, 'probe'>>(
    await Promise.all(
      Object.entries(cheap).map(async ([probe, judge]) => [probe, await judge(context)] as const),
    ),
  );
  const clear = [...results.values()].every(({ verdict }) => verdict === 'well' || verdict === 'unknown');
  results.set('healthcheck', clear ? await healthcheck(context) : NOT_ASKED);
  return Object.keys(PROBES).map((probe) => ({
    probe: probe as ProbeName,
    ...(results.get(probe) ?? NOT_ASKED),
  }));
};

/** Judges one started container by all probes until there is an outcome. Durations in milliseconds. */
export const judgeHealth = async (request: JudgeRequest): Promise<HealthReport> => {
  const { engine, id, policy, url, reach, expect, clock = realClock } = request;
  const began = clock.now();
  let container = await firstLook(request, clock);
  const startedAt = container?.State.StartedAt ?? '';
  const restartCount = container?.RestartCount ?? 0;
  let record = NONE;
  for (;;) {
    request.checkpoint?.();
    const context: ProbeContext = { engine, id, container, startedAt, restartCount, url, reach, expect };
    const round = await roundOf(context);
    const ageMs = clock.now() - began;
    record = addRound(record, round, ageMs);
    const outcome = verdictOf(record, ageMs, policy);
    if (outcome)
      return {
        host: engine.host,
        container: request.container,
        outcome,
        tookMs: ageMs,
        probes: record.results,
      };
    await clock.sleep(policy.interval);
    container = await inspectQuietly(engine, id, container);
  }
};
