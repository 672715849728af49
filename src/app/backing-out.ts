import type { RunRef } from '../app.js';
import type { Known } from '../authority/known.js';
import { Refusal } from '../errors.js';
import type { Actor, RunEvent } from '../run/event.js';
import { noWayBack } from '../run/going-back.js';
import { DECIDED_IN, HALTED } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { requireWayBack, whatHinders } from '../run/way-back.js';
import { type Desk, decide, requirePhase, requireTurn, runOf } from './desk.js';
import type { Guarded } from './guard.js';

/** Going back where the journal says that it can be done, or on somebody's typed word that the database was restored. */
const backEvent = (run: Run, by: Actor, said: { why: string; restored?: string }): RunEvent => {
  const stop = noWayBack(run);
  if (stop && !(stop.code === 'no-backup-word' && said.restored))
    throw new Refusal(stop.code, stop.why, stop.wayOut);
  return { kind: 'rollback', by, ...said };
};

type Closing = {
  readonly known: Known;
  /** Why it is not made to go back, where that is not in the journal. */
  readonly why?: string;
};

/** Ends a run as it is; nobody will answer for its drained servers any more. */
const close = async (desk: Desk, ref: RunRef, { known, why }: Closing): Promise<Run> => {
  const closed = await decide(desk, ref, {
    known,
    verb: 'cancel',
    phases: ['paused', 'interrupted', 'stuck', 'finalize-failed'],
    done: 'closed',
    events: (_run, by) => [
      ...(why === undefined ? [] : [{ kind: 'noted' as const, text: desk.workshop.tail(why) }]),
      { kind: 'abandoned', by },
    ],
  });
  desk.background.tidy(closed.id);
  await desk.background.settled(closed.id);
  return runOf(desk, ref);
};

/** Goes back where that can be done; a run that can go back nowhere is closed as it is, since nothing else would end it. */
const cancelHalted = async (desk: Desk, ref: RunRef, known: Known): Promise<Run> => {
  const run = runOf(desk, ref);
  requireTurn(run, ref);
  if (noWayBack(run)) return close(desk, ref, { known });
  const hindered = await whatHinders(run, desk.workshop);
  return hindered === undefined
    ? cancelUnderWay(desk, ref, known)
    : close(desk, ref, { known, why: `Nothing was put back, since that would fail: ${hindered}.` });
};

const cancelUnderWay = async (desk: Desk, ref: RunRef, known: Known): Promise<Run> => {
  requireTurn(runOf(desk, ref), ref);
  await requireWayBack(runOf(desk, ref), desk.workshop);
  return decide(desk, ref, {
    known,
    verb: 'cancel',
    phases: ['running', 'paused', 'interrupted'],
    done: 'cancelled',
    events: (run, by) => [backEvent(run, by, { why: `cancelled by ${by.name}` })],
  });
};

/** Taking a request back, and going back from a run. */
export const waysOutOf = (desk: Desk): Guarded<'cancel' | 'rollback'> => ({
  cancel: async (known, ref) => {
    const run = runOf(desk, ref);
    if (run.phase === 'stuck' || run.phase === 'finalize-failed') return close(desk, ref, { known });
    if (HALTED.includes(run.phase)) return cancelHalted(desk, ref, known);
    if (run.phase === 'running') return cancelUnderWay(desk, ref, known);
    return decide(desk, ref, {
      known,
      verb: 'cancel',
      phases: ['proposed', 'approved'],
      done: 'cancelled',
      events: (_run, by) => [{ kind: 'cancelled', by }],
    });
  },
  rollback: async (known, ref, restored) => {
    // Stuck before the old version may run: only the word that the database was restored leads on.
    const phases = DECIDED_IN.rollback.filter((phase) => phase !== 'stuck' || restored !== undefined);
    requireTurn(runOf(desk, ref), ref);
    requirePhase(runOf(desk, ref), phases, 'rolled back');
    await requireWayBack(runOf(desk, ref), desk.workshop);
    return decide(desk, ref, {
      known,
      verb: 'rollback',
      phases,
      done: 'rolled back',
      events: (run, by) => [
        backEvent(run, by, {
          why: `asked for by ${by.name}`,
          ...(restored === undefined ? {} : { restored }),
        }),
      ],
    });
  },
});
