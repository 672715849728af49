import type { RunRef } from '../app.js';
import { authorize, type Verb } from '../authority/authority.js';
import type { Known, Recognise } from '../authority/known.js';
import { policyHash } from '../authority/policy.js';
import type { Config } from '../config.js';
import { Refusal } from '../errors.js';
import type { Actor, RunEvent } from '../run/event.js';
import type { Phase } from '../run/phase.js';
import { type Run, runIn } from '../run/run.js';
import type { Workshop } from '../run/runner.js';
import type { Background } from './background.js';
import type { Exclusive } from './exclusive.js';

/** Where decisions are taken: what they need, one after the other. */
export type Desk = {
  readonly workshop: Workshop;
  readonly background: Background;
  readonly exclusive: Exclusive;
  readonly recognise: Recognise;
  readonly newId: () => string;
};

export const idOf = (ref: RunRef): string => (typeof ref === 'string' ? ref : ref.id);

export const runOf = ({ workshop }: Desk, ref: RunRef): Run => {
  const id = idOf(ref);
  const run = runIn(workshop.journal.state(), id);
  if (run) return run;
  throw new Refusal('unknown-run', `There is no run "${id}".`, 'See: history.');
};

const describe = (run: Run): string => {
  const who =
    run.rollback?.by.name ?? run.decidedBy?.name ?? run.brokeGlass?.by.name ?? run.approvals.at(-1)?.name;
  return `Run ${run.id} of ${run.plan.service} is ${run.phase}${who ? ` (${who})` : ''}`;
};

/** A click is about the run as it was drawn: once the run has moved on, it does nothing. */
export const requireTurn = (run: Run, ref: RunRef): void => {
  if (typeof ref === 'string' || ref.turn === run.turn) return;
  throw new Refusal(
    'stale-click',
    `${describe(run)} by now, and that button was drawn before.`,
    'Nothing was done. Read the run’s messages as they are now; what you still want has a button there.',
  );
};

export const requirePhase = (run: Run, phases: readonly Phase[], verb: string): void => {
  if (phases.includes(run.phase)) return;
  throw new Refusal(
    'not-now',
    `${describe(run)}: it cannot be ${verb} now.`,
    `See: status ${run.plan.service}.`,
  );
};

/** Authorises, checks the phase and journals, with nobody in between; then the work goes on behind. */
export const decide = (
  desk: Desk,
  ref: RunRef,
  request: {
    known: Known;
    verb: Verb;
    phases: readonly Phase[];
    done: string;
    events: (run: Run, actor: Actor) => readonly RunEvent[];
  },
): Promise<Run> =>
  desk.exclusive(async () => {
    const { config, journal } = desk.workshop;
    const run = runOf(desk, ref);
    const { id } = run;
    const { known, verb } = request;
    authorize(config, { known, verb });
    requireTurn(run, ref);
    requirePhase(run, request.phases, request.done);
    authorize(config, { known, verb, run });
    for (const event of request.events(run, known.actor)) {
      try {
        await journal.append(id, event);
      } catch (error) {
        // The run works on meanwhile, and may have decided the same or ended in between.
        requirePhase(runOf(desk, id), request.phases, request.done);
        throw error;
      }
    }
    desk.background.kick(id);
    return runOf(desk, id);
  });

export const RULES_CHANGED = 'the policy in the settings was changed after it was asked for';

/** Requests of an older Stackswap say nothing of the rules that they were made under. */
export const rulesChanged = (config: Config, { policy, plan }: Run): boolean =>
  policy !== undefined && policy !== policyHash(config, plan.service);

/** Ends a request that nobody may answer any more. */
const endWaiting = (desk: Desk, id: string, event: RunEvent): Promise<void> =>
  desk.exclusive(async () => {
    if (runOf(desk, id).phase === 'proposed') await desk.workshop.journal.append(id, event);
  });

/** The request is what the person saw, in time, and under the rules that it was made under. */
export const requireFresh = async (desk: Desk, run: Run, fingerprint: string | undefined): Promise<void> => {
  const { config, clock } = desk.workshop;
  if (run.phase === 'proposed' && Date.parse(run.expiresAt) <= clock.now()) {
    await endWaiting(desk, run.id, { kind: 'expired' });
    throw new Refusal(
      'expired',
      `Run ${run.id} waited for approval until ${run.expiresAt}.`,
      `Plan again: upgrade ${run.plan.service}.`,
    );
  }
  if (run.phase === 'proposed' && rulesChanged(config, run)) {
    await endWaiting(desk, run.id, { kind: 'voided', why: RULES_CHANGED });
    throw new Refusal(
      'plan-stale',
      `The policy of ${run.plan.service} was changed after run ${run.id} was asked for.`,
      `Ask again under the new one: upgrade ${run.plan.service}.`,
    );
  }
  if (fingerprint !== undefined && !run.fingerprint.startsWith(fingerprint))
    throw new Refusal(
      'plan-stale',
      `That is not the plan of run ${run.id} as it is.`,
      'Read the plan in the thread and approve it there.',
    );
};
