import type { Plan } from '../plan/plan.js';
import type { ReadyReport } from '../probes/report.js';
import type { LeftServer } from '../steps/balancer-place.js';
import type { StepState } from '../steps/state.js';
import type { Actor, Bystander, BystanderReport } from './event.js';
import type { Direction, Phase } from './phase.js';

export type { StepState } from '../steps/state.js';

/** A run as folded from its events; nothing here is stored beside the journal. */
export type Run = {
  readonly id: string;
  readonly plan: Plan;
  readonly fingerprint: string;
  readonly requestedBy: Actor;
  readonly requestedAt: string;
  readonly quorum: number;
  readonly requesterCounts: boolean;
  readonly expiresAt: string;
  readonly onFailure: 'roll-back' | 'ask';
  readonly phase: Phase;
  /** How often the phase has changed, or an approval was taken back. A button carries it, so that a late click is known as one. */
  readonly turn: number;
  readonly direction: Direction;
  readonly approvals: readonly Actor[];
  /** When each person first approved, by their id. */
  readonly approvedAt?: Readonly<Record<string, string>>;
  /** Hash of the rules of approval when it was asked for. */
  readonly policy?: string;
  readonly brokeGlass?: { readonly by: Actor; readonly reason: string; readonly at: string };
  readonly review?: { readonly by: Actor; readonly text: string; readonly at: string };
  readonly reviewDue?: true;
  /** When the first call was about to be made that changes more than what the run itself brought. */
  readonly cutAt?: string;
  readonly finalizeApprovals: readonly Actor[];
  /** How many of them were needed when the last word was said; the quorum, or what the policy wants since. */
  readonly finalizeOf?: number;
  /** Servers of load balancers that may stand without traffic since an answer of theirs was lost. */
  readonly leftDrained?: readonly LeftServer[];
  readonly decidedBy?: Actor;
  readonly decisionReason?: string;
  readonly steps: readonly StepState[];
  readonly finalize: readonly StepState[];
  readonly asked?: {
    readonly why: string;
    readonly choices: readonly ('resume' | 'rollback' | 'finalize')[];
  };
  readonly rollback?: {
    readonly by: Actor;
    readonly why: string;
    readonly at: string;
    /** The typed word that the database was restored. */
    readonly restored?: string;
  };
  readonly why?: string;
  readonly commands?: readonly string[];
  readonly baseline?: readonly Bystander[];
  readonly bystanders?: BystanderReport;
  /** What the services answered before the first swap, at the end, and after going back. */
  readonly readyBefore?: readonly ReadyReport[];
  readonly readyAtEnd?: readonly ReadyReport[];
  readonly readyBack?: readonly ReadyReport[];
  /** Answers at the end that people were told of: a resume goes on in spite of them. */
  readonly readyKnown?: readonly ReadyReport[];
  readonly compared: readonly {
    readonly host: string;
    readonly name: string;
    readonly differences: readonly string[];
  }[];
  readonly notes: readonly { readonly at: string; readonly text: string }[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly tookMs?: number;
  readonly backTookMs?: number;
  readonly finalizeTookMs?: number;
  readonly messages: Readonly<Record<string, { readonly channel: string; readonly ts: string }>>;
  /** Record of the journal at which the run ended or came to rest; gone when it moves on. */
  readonly anchor?: { readonly seq: number; readonly hash: string };
  readonly lastEventAt: string;
};

export type Hold = {
  readonly service: string;
  readonly by: Actor;
  readonly reason: string;
  readonly at: string;
  readonly run?: string;
};

/** All that the journal says, folded. */
export type State = {
  readonly runs: Readonly<Record<string, Run>>;
  readonly holds: Readonly<Record<string, Hold>>;
};

export const EMPTY: State = { runs: {}, holds: {} };

/** Raised whenever `reduce` or a type it folds into changes: older snapshots are then thrown away, not read. */
export const REDUCER_VERSION = 8;

/** People whose approval counts: once each, and the requester only where the policy says so. */
export const countedApprovals = (
  run: Pick<Run, 'approvals' | 'requestedBy' | 'requesterCounts'>,
): readonly Actor[] =>
  run.approvals.filter(
    (actor, index, all) =>
      all.findIndex((other) => other.id === actor.id) === index &&
      (run.requesterCounts || actor.id !== run.requestedBy.id),
  );

/** Ids are typed by people: one that every object has from its prototype is no run's. */
export const runIn = ({ runs }: Pick<State, 'runs'>, id: string): Run | undefined =>
  Object.hasOwn(runs, id) ? runs[id] : undefined;
