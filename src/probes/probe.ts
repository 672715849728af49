import type { ContainerInspect } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import type { Reach } from './reach.js';
import type { ProbeResult } from './report.js';

export type ProbeName = ProbeResult['probe'];

/** What a probe may look at. `container` is the inspect answer of this round, `undefined` when it is gone. */
export type ProbeContext = {
  readonly engine: Engine;
  readonly id: string;
  readonly container: ContainerInspect | undefined;
  /** Start time seen in the first round; a later one means that the container was restarted. */
  readonly startedAt: string;
  readonly restartCount: number;
  /** Health address as reachable from here; `null` where there is none. */
  readonly url: string | null;
  /** Where it may lie. */
  readonly reach: Reach;
  readonly expect: readonly number[];
};

export type Verdict = Pick<ProbeResult, 'verdict' | 'why'>;

/**
 * A probe judges and never waits: `well`; `waiting` (not yet, may become well); `ill` (will not become well by
 * waiting); `unknown` (this container cannot be judged this way). It never throws.
 */
export type Probe = (context: ProbeContext) => Promise<Verdict>;
