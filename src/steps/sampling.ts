import { type Sampler, startSampler } from '../probes/downtime.js';
import type { StepContext } from './context.js';
import type { Part } from './event.js';

/** Longest time that the sampler waits for a first answer before the window opens, in milliseconds. */
const WARM_UP_MS = 300;
const STEP_MS = 20;

const warmUp = async (samplers: readonly Sampler[], context: StepContext): Promise<void> => {
  for (
    let waited = 0;
    waited < WARM_UP_MS && !samplers.every((sampler) => sampler.hadAny());
    waited += STEP_MS
  )
    await context.clock.sleep(STEP_MS);
};

export type Watched = {
  readonly host: string;
  /** `null`: not reachable from here, and so not measured. */
  readonly probeUrl: string | null;
  readonly expect: readonly number[];
};

/**
 * Measures the API's gap while `work` runs, at the API itself and at the front door where one is configured, and
 * journals what was seen, also when the work fails.
 */
export const withSampling = async (
  watched: Watched,
  context: StepContext,
  part: Part | 'rollback',
  work: () => Promise<void>,
): Promise<void> => {
  if (watched.probeUrl === null) return work();
  const { expect } = watched;
  const { reach } = context;
  const direct = startSampler(watched.host, { url: watched.probeUrl, expect, reach });
  const front =
    context.frontDoor === undefined
      ? undefined
      : startSampler('front door', { url: context.frontDoor, expect, reach });
  try {
    await warmUp(front ? [direct, front] : [direct], context);
    await work();
  } finally {
    await context.emit({ kind: 'downtime', part, index: context.index, report: await direct.stop() });
    if (front)
      await context.emit({
        kind: 'downtime',
        part,
        index: context.index,
        report: await front.stop(),
        frontDoor: true,
      });
  }
};
