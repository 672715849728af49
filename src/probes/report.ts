/** What one probe said about one container in one round, or in the last round of several. */
export type ProbeResult = {
  readonly probe: 'healthcheck' | 'http' | 'port' | 'steady';
  readonly verdict: 'well' | 'waiting' | 'ill' | 'unknown';
  readonly why: string;
  /** Milliseconds from the container's start until this probe was first well in its last unbroken row. */
  readonly wellAfterMs?: number;
};

export type HealthReport = {
  readonly host: string;
  readonly container: string;
  readonly outcome: 'healthy' | 'unhealthy' | 'inconclusive';
  readonly tookMs: number;
  readonly probes: readonly ProbeResult[];
};

/**
 * The last answer to one question. `waiting`: may become well; `ill`: a clear wrong answer; `excused`: not well, and not
 * required, because it was not well before either or because there is nothing to ask it with.
 */
export type Answered = {
  /** In words: `a token issued`, `volumes listed`, `cinder-scheduler on ctl1 up`. */
  readonly what: string;
  readonly verdict: 'well' | 'waiting' | 'ill' | 'excused';
  readonly why: string;
};

/** What the service itself answered when it was asked as a client would ask it. */
export type ReadyReport = {
  readonly host: string;
  readonly container: string;
  readonly ready: boolean;
  readonly tookMs: number;
  readonly asked: readonly Answered[];
  /** Why the questions could not even be put (no token, no API that answers); says nothing of the container itself. */
  readonly unasked?: string;
};

export type DowntimeReport = {
  readonly host: string;
  readonly target: string;
  readonly reachable: boolean;
  /** Longest time between two good answers with a bad one between them; 0 where none was missed. */
  readonly longestGapMs: number;
  readonly resolutionMs: number;
  readonly good: number;
  readonly bad: number;
  /** The API was away already when the watch began: the gap was longer than what was measured. */
  readonly openStart?: true;
  /** It was still away when the watch ended. */
  readonly openEnd?: true;
};
