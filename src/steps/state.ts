import type { DowntimeReport, HealthReport, ReadyReport } from '../probes/report.js';

/** What the journal says about one step of one run. */
export type StepState = {
  readonly status: 'pending' | 'started' | 'done' | 'failed' | 'undone';
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly why?: string;
  /** Last mutating call, for the live progress line. */
  readonly lastCall?: string;
  /**
   * When that call was about to be made, until an answer to it is journaled: ISO. Still there where the bot died over it, or
   * none came.
   */
  readonly openSince?: string;
  readonly createdId?: string;
  /** Blob with the old container's whole configuration. */
  readonly spec?: string;
  /** Takes the part of the old container, which is gone. */
  readonly standInId?: string;
  /** Container that keeps the configuration from before the swap. */
  readonly configKeeperId?: string;
  readonly ready?: ReadyReport;
  readonly pulledImageId?: string;
  readonly revisionBefore?: string | null;
  readonly revisionAfter?: string | null;
  readonly exitCode?: number;
  /** An earlier try of this migration ran and failed: the schema may have moved by it. */
  readonly ranBefore?: true;
  readonly tail?: string;
  readonly logFile?: string;
  readonly health?: HealthReport;
  readonly downtime?: DowntimeReport;
  /** The same gap as seen at the load balancer, where one is configured. */
  readonly frontDowntime?: DowntimeReport;
  /** Health and gap of the old container after an undo. */
  readonly backHealth?: HealthReport;
  readonly backDowntime?: DowntimeReport;
  readonly keptLog?: string;
};
