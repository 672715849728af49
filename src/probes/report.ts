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

/** What the service itself answered when it was asked as a client would ask it. */
export type ReadyReport = {
  readonly host: string;
  readonly container: string;
  readonly ready: boolean;
  readonly tookMs: number;
  /** The last answer to each question. */
  readonly asked: readonly {
    /** In words: `a token issued`, `volumes listed`, `cinder-scheduler on ctl1 up`. */
    readonly what: string;
    readonly verdict: 'well' | 'waiting' | 'ill';
    readonly why: string;
  }[];
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
