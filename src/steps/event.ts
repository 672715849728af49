import type { DowntimeReport, HealthReport, ReadyReport } from '../probes/report.js';

/** Which list of the plan a step belongs to. */
export type Part = 'steps' | 'finalize';

/** What a step says of itself while it is performed or undone. Secrets never enter an event. */
export type StepEvent =
  | { readonly kind: 'step-started'; readonly part: Part; readonly index: number }
  /** Intent of one mutating engine call; journaled before it is made. */
  | {
      readonly kind: 'call';
      readonly part: Part;
      readonly index: number;
      readonly host: string;
      readonly op: string;
      readonly target: string;
    }
  | {
      readonly kind: 'call-ended';
      readonly part: Part;
      readonly index: number;
      readonly op: string;
      readonly target: string;
      readonly ms: number;
      readonly error?: string;
      /** Whether the call took effect, or still does, was not learned. */
      readonly unknown?: true;
    }
  /** The new container of a swap, by the id under which it is found ever after. */
  | {
      readonly kind: 'created';
      readonly part: Part;
      readonly index: number;
      readonly host: string;
      readonly name: string;
      readonly id: string;
      /** Name of the blob with the old container's whole configuration, from before anything was stopped. */
      readonly spec?: string;
    }
  /** What takes the part of an old container that somebody removed: made anew from its kept configuration. */
  | {
      readonly kind: 'stand-in';
      readonly index: number;
      readonly host: string;
      readonly name: string;
      readonly id: string;
    }
  /** The helper container that keeps the host's configuration from before, by its id. */
  | {
      readonly kind: 'config-kept';
      readonly part: Part;
      readonly index: number;
      readonly host: string;
      readonly id: string;
    }
  | { readonly kind: 'ready'; readonly part: Part; readonly index: number; readonly report: ReadyReport }
  | { readonly kind: 'pulled'; readonly part: Part; readonly index: number; readonly imageId: string }
  | {
      readonly kind: 'revision';
      readonly part: Part;
      readonly index: number;
      readonly at: 'before' | 'after';
      readonly revision: string | null;
    }
  | {
      readonly kind: 'migrated';
      readonly part: Part;
      readonly index: number;
      readonly exitCode: number;
      readonly tail: string;
      /** Where the whole log is kept; `null` where there is no state folder. */
      readonly file?: string | null;
      readonly ms: number;
    }
  | { readonly kind: 'health'; readonly part: Part; readonly index: number; readonly report: HealthReport }
  | {
      readonly kind: 'downtime';
      readonly part: Part | 'rollback';
      readonly index: number;
      readonly report: DowntimeReport;
      readonly frontDoor?: boolean;
    }
  | { readonly kind: 'step-done'; readonly part: Part; readonly index: number; readonly ms: number }
  | { readonly kind: 'step-failed'; readonly part: Part; readonly index: number; readonly why: string }
  | { readonly kind: 'undone'; readonly index: number; readonly ms: number }
  | { readonly kind: 'kept-log'; readonly index: number; readonly tail: string };
