import type { Plan } from '../plan/plan.js';
import type { ReadyReport } from '../probes/report.js';
import type { LeftServer } from '../steps/balancer-place.js';
import type { StepEvent } from '../steps/event.js';

/** Who did something: the id in the people list, the name at that time, and the door they came through. */
export type Actor = {
  readonly id: string;
  readonly name: string;
  readonly door: 'slack' | 'cli' | 'bot';
  /** The Slack account that was used, where it is another one of the same person. */
  readonly account?: string;
  /** The workspace that Slack's envelope named. */
  readonly team?: string;
};

export type { DowntimeReport, HealthReport, ProbeResult, ReadyReport } from '../probes/report.js';
export type { Part } from '../steps/event.js';

/** A container or an API that the run must leave alone. `startedAt` is the engine's; `well`: running and not unhealthy. */
export type Bystander = {
  readonly host: string;
  readonly name: string;
  readonly id: string;
  readonly startedAt: string;
  readonly well: boolean;
};

export type BystanderReport = {
  readonly watched: number;
  /** Containers whose id or start time is not what it was before the run. */
  readonly changed: readonly string[];
  /** Failures that were not there before. */
  readonly failed: readonly string[];
  readonly apis: readonly {
    readonly service: string;
    readonly host: string;
    readonly before: boolean;
    readonly after: boolean;
  }[];
};

/** All that can happen to a run. Environment values and other secrets never enter an event. */
export type RunEvent =
  | StepEvent
  | {
      readonly kind: 'requested';
      readonly plan: Plan;
      readonly fingerprint: string;
      readonly by: Actor;
      readonly quorum: number;
      readonly requesterCounts: boolean;
      readonly expiresAt: string;
      readonly onFailure: 'roll-back' | 'ask';
      /** The rules of approval at that time, as one hash. */
      readonly policy?: string;
    }
  | { readonly kind: 'approved'; readonly by: Actor; readonly fingerprint: string }
  /** An approver takes the word back before the start: the request waits again. */
  | { readonly kind: 'withdrawn'; readonly by: Actor }
  | { readonly kind: 'broke-glass'; readonly by: Actor; readonly reason: string }
  /** Somebody else looked at what was done without approvals, and says what they found. */
  | { readonly kind: 'reviewed'; readonly by: Actor; readonly text: string }
  /** Nobody has reviewed it for days. */
  | { readonly kind: 'review-due' }
  | { readonly kind: 'rejected'; readonly by: Actor; readonly reason?: string }
  | { readonly kind: 'cancelled'; readonly by: Actor }
  /** A run that can neither end nor go back is closed as it is; a person puts the rest right by hand. */
  | { readonly kind: 'abandoned'; readonly by: Actor }
  | { readonly kind: 'expired' }
  /** The plan no longer fits what is there; nothing was changed. */
  | { readonly kind: 'voided'; readonly why: string }
  | { readonly kind: 'started' }
  /** Every container that is not the service's, as it was before the run. */
  | { readonly kind: 'watching'; readonly baseline: readonly Bystander[] }
  /**
   * Something that people should read but that decides nothing. `drained`: this server may stand without traffic, and
   * nobody is at it; `ready`: that has ended.
   */
  | {
      readonly kind: 'noted';
      readonly text: string;
      readonly drained?: LeftServer;
      readonly ready?: LeftServer;
    }
  /** People are asked; `choices` are the verbs they may answer with. */
  | {
      readonly kind: 'asked';
      readonly why: string;
      readonly choices: readonly ('resume' | 'rollback' | 'finalize')[];
    }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'resumed'; readonly by: Actor }
  /** One-way: from here the run never goes forward again. */
  | { readonly kind: 'rollback'; readonly by: Actor; readonly why: string; readonly restored?: string }
  | { readonly kind: 'rolled-back'; readonly ms: number }
  /** Rolling back failed; a person must look. Resume tries the roll back again. */
  | { readonly kind: 'stuck'; readonly why: string; readonly commands: readonly string[] }
  | { readonly kind: 'upgraded'; readonly ms: number }
  /** `of`: how many words were needed when it was said. */
  | { readonly kind: 'finalize-approved'; readonly by: Actor; readonly of?: number }
  | { readonly kind: 'finalizing' }
  | { readonly kind: 'finalize-failed'; readonly why: string }
  | { readonly kind: 'finalized'; readonly ms: number }
  /** Failed before anything was changed. */
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'bystanders'; readonly report: BystanderReport }
  /** What the services themselves answered: before the first swap, at the end of the upgrade, after going back. */
  | {
      readonly kind: 'services-asked';
      readonly when: 'before' | 'end' | 'back';
      readonly reports: readonly ReadyReport[];
    }
  /** Differences that the written comparison found at the run's end; empty when it holds. */
  | {
      readonly kind: 'compared';
      readonly host: string;
      readonly name: string;
      readonly differences: readonly string[];
    }
  /** The newest record when the run ended or came to rest: posted, it shows a journal that was built anew. */
  | { readonly kind: 'anchored'; readonly seq: number; readonly hash: string }
  /** Where in Slack a message of the run stands, so that it is updated and not posted again. */
  | { readonly kind: 'posted'; readonly slot: string; readonly channel: string; readonly ts: string };

/** What is not part of a run. */
export type CloudEvent =
  | { readonly kind: 'held'; readonly service: string; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'unheld'; readonly service: string; readonly by: Actor };

/** One journaled event; `run` is absent for cloud events. */
export type Entry =
  | { readonly at: string; readonly run: string; readonly event: RunEvent }
  | { readonly at: string; readonly run?: undefined; readonly event: CloudEvent };
