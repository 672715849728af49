import type { HealthPolicy } from '../config.js';
import type { ContainerInspect, ImageInspect } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import type { Units } from '../engine/units.js';
import type { ConfigTree } from '../kolla/tree.js';
import type { Plan } from '../plan/plan.js';
import type { Clock } from '../probes/clock.js';
import type { Reach } from '../probes/reach.js';
import type { ReadyReport } from '../probes/report.js';
import type { LeftServer } from './balancer-place.js';
import type { Part, StepEvent } from './event.js';
import type { StepState } from './state.js';

/** What a step may use: its own memory folded from the journal, the engines, and a way to journal. */
export type StepContext = {
  readonly run: string;
  readonly plan: Plan;
  readonly part: Part;
  readonly index: number;
  readonly engine: (host: string) => Engine;
  /** The host's systemd units; `undefined` where they cannot be reached. */
  readonly units: (host: string) => Units | undefined;
  /** The rendered configuration in a folder of the bot's machine, as it is now. */
  readonly rendered: (folder: string) => Promise<ConfigTree>;
  /** Asks a service as a client would; absent without clouds.yaml. */
  readonly askService: AskService | undefined;
  /** What the services answered before the first swap of the run. */
  readonly readyBefore: readonly ReadyReport[];
  /** What the journal says of a step of `plan.steps`, or of this one. */
  readonly memory: (part?: Part, index?: number) => StepState;
  readonly emit: (event: StepEvent) => Promise<void>;
  /** Says something that people should read and that decides nothing; of a server that may stay drained, that one too. */
  readonly note: (text: string, drained?: LeftServer) => Promise<void>;
  readonly specs: Specs;
  readonly health: HealthPolicy;
  readonly patience: Patience;
  /** The hosts file says now that no load balancer is drained, whatever the plan says. */
  readonly drainOff?: boolean;
  /** Going back: even a clear refusal of the engine is tried again, since there is nothing better to do. */
  readonly stubborn: boolean;
  readonly clock: Clock;
  /** When this process began, by `clock`, in epoch milliseconds. */
  readonly bornAt: number;
  /** The last lines of a container's output, made safe to show and to keep. */
  readonly tail: (text: string) => string;
  /** Keeps a whole log, redacted; answers with its place for people, `null` where there is no folder for it. */
  readonly keepLog: (name: string, text: string) => Promise<string | null>;
  /** Throws `Aborted` when a roll back was decided while the step goes forward. */
  readonly checkpoint: () => void;
  /** Health address of the service at the load balancer, where one is configured. */
  readonly frontDoor: string | undefined;
  /** Where health may be asked, as the settings of now say. */
  readonly reach: Reach;
};

/** What it takes to make an old container anew. Holds secrets. */
export type KeptSpec = { readonly old: ContainerInspect; readonly oldImage: ImageInspect };

/** Where configurations of old containers are kept whole; a name is a SHA-256. */
export type Specs = {
  keep(spec: KeptSpec): Promise<string>;
  /** `undefined` where it is not there or was damaged. */
  read(name: string): Promise<KeptSpec | undefined>;
};

export type AskRequest = {
  readonly service: string;
  readonly host: string;
  /** Full name of the container that was swapped, and its name in the catalogue. */
  readonly container: string;
  readonly entry: string;
  /** Base of the API on that host (`http://192.0.2.11:8776`); `null` for what is not an API: then the front door is asked. */
  readonly api: string | null;
  /** ISO time since when heartbeats count. Names the round only: clocks are never compared. */
  readonly since: string;
  /** `plan` and `before`: as it is now; `after` a swap; at the `end` of the run; after going `back`. */
  readonly when: 'plan' | 'before' | 'after' | 'end' | 'back';
  /** Names under which the host's workers may report, beside `host`. */
  readonly names?: readonly string[];
  /** The answers from before the first swap: what was not well then is not required. */
  readonly before?: ReadyReport | undefined;
};

/** One round of questions; never throws for what the service says or fails to say. */
export type AskService = (request: AskRequest) => Promise<ReadyReport>;

/** How often a call whose outcome is unknown or that an engine refused for the moment is tried, and the pauses between. */
export type Patience = { readonly tries: number; readonly pauseMs: number; readonly maxPauseMs: number };

/** Ends a forward step between two calls because the run was told to go back. Not a failure. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** The program is asked to end: the run stops between two calls and is taken up after the next start. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** What ends a step without saying anything about it. */
export const saysNothing = (error: unknown): boolean =>
  error instanceof Aborted || error instanceof Inconclusive || error instanceof Stopping;

/** The step cannot go on; `why` is for people. What was done stays done until the undo. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** The machine cannot tell whether it is well: people decide. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}
