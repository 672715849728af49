import type { DoctorReport } from './app/doctor/doctor.js';
import type { Verb } from './authority/authority.js';
import type { Service } from './catalogue/service.js';
import type { Config } from './config.js';
import type { Finding, Overrides, Plan, SeenContainer } from './plan/plan.js';
import type { Actor, RunEvent } from './run/event.js';
import type { Hold, Run } from './run/run.js';

export type UpgradeRequest = {
  readonly service: string;
  /** A release (`2025.2`) or an image tag; absent: a newer build of the running release. */
  readonly to?: string;
  readonly overrides: Overrides;
};

export type ServiceStatus = {
  readonly service: Service;
  readonly containers: readonly (SeenContainer & { readonly state: string; readonly health: string })[];
  readonly releases: readonly string[];
  readonly hold?: Hold;
  /** A run of the service that is not over, or that can still be rolled back. */
  readonly run?: Run;
  readonly findings: readonly Finding[];
  /** Hosts that did not answer. */
  readonly unreachable: readonly { readonly host: string; readonly why: string }[];
};

/** A run by its id; from a click with the turn in which the button was drawn, and then only while the run is in it. */
export type RunRef = string | { readonly id: string; readonly turn: number };

/**
 * All that Stackswap can do, for any door. Every method that a person asks for passes `authority` first (src/app/guard.ts
 * says with which verb), journals, and answers with the run as it then is; the work itself goes on in the background
 * (`settled` waits for it). Refusals are thrown as `Refusal`.
 */
export type App = {
  readonly config: Config;
  /** Whether somebody may do something at all, asked by the doors before a command runs. Answers with who they are. */
  admit(actor: Actor, verb: Verb): Promise<Actor>;
  status(actor: Actor, service?: string): Promise<readonly ServiceStatus[]>;
  /** Looks whether each host, or one, is ready for an upgrade. Nothing is changed or journaled. */
  doctor(actor: Actor, host?: string): Promise<DoctorReport>;
  /** A dry run: the plan that an upgrade would ask approval for. Nothing is journaled. */
  plan(actor: Actor, request: UpgradeRequest): Promise<Plan>;
  upgrade(actor: Actor, request: UpgradeRequest): Promise<Run>;
  approve(actor: Actor, run: RunRef, fingerprint?: string): Promise<Run>;
  /** Takes one's own approval back: before the start, or before the first change, which makes the run go back. */
  withdraw(actor: Actor, run: RunRef): Promise<Run>;
  breakGlass(actor: Actor, run: string, reason: string): Promise<Run>;
  /** Somebody else's look at what was done without approvals. */
  review(actor: Actor, run: RunRef, text: string): Promise<Run>;
  reject(actor: Actor, run: RunRef, reason?: string): Promise<Run>;
  cancel(actor: Actor, run: RunRef): Promise<Run>;
  /** `restored`: the person's word that the database was restored, where a class D migration moved the schema. */
  rollback(actor: Actor, run: RunRef, restored?: string): Promise<Run>;
  finalize(actor: Actor, run: RunRef): Promise<Run>;
  resume(actor: Actor, run: RunRef): Promise<Run>;
  hold(actor: Actor, service: string, reason: string): Promise<Hold>;
  unhold(actor: Actor, service: string): Promise<void>;
  /** Runs, newest first. */
  history(actor: Actor, service?: string): Promise<readonly Run[]>;
  run(id: string): Run;
  /** A run by its id, by the thread's run, or the newest open one of a service; refuses with the way out. */
  findRun(word: string | undefined, threadRun: string | undefined): Run;
  eventsOf(run: string): Promise<readonly { at: string; event: RunEvent }[]>;
  /** Called after each journaled event with the run's id (absent for holds). */
  subscribe(listener: (run: string | undefined) => void): () => void;
  /** Resolves when nothing is being done on the run in the background. */
  settled(run: string): Promise<Run>;
  /** Where in Slack a message of the run stands. */
  posted(run: string, slot: string, place: { channel: string; ts: string }): Promise<void>;
  /** At start: marks what a dead process left behind. Returns the runs that ask for a person. */
  recover(): Promise<readonly Run[]>;
  close(): Promise<void>;
};
