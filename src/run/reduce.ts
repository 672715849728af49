import { BOT } from './actor.js';
import type { Entry, Part, RunEvent } from './event.js';
import { nextPhase } from './phase.js';
import { countedApprovals, type Hold, type Run, type State, type StepState } from './run.js';

const fresh = (id: string, at: string, event: Extract<RunEvent, { kind: 'requested' }>): Run => ({
  id,
  plan: event.plan,
  fingerprint: event.fingerprint,
  requestedBy: event.by,
  requestedAt: at,
  quorum: event.quorum,
  requesterCounts: event.requesterCounts,
  expiresAt: event.expiresAt,
  onFailure: event.onFailure,
  phase: 'proposed',
  direction: 'forward',
  approvals: [],
  finalizeApprovals: [],
  steps: event.plan.steps.map(() => ({ status: 'pending' })),
  finalize: event.plan.finalize.map(() => ({ status: 'pending' })),
  compared: [],
  notes: [],
  messages: {},
  lastEventAt: at,
});

const changeStep = (run: Run, part: Part, index: number, change: Partial<StepState>): Run => ({
  ...run,
  [part]: run[part].map((step, at) => (at === index ? { ...step, ...change } : step)),
});

/** A migration that ended badly and is begun again was asked for by a person: it runs anew, in a container of its own. */
const withoutFailedTry = (run: Run, part: Part, index: number): Run => {
  const state = run[part][index];
  if (run.plan[part][index]?.kind !== 'migrate' || state?.status !== 'failed' || !state.exitCode) return run;
  const { exitCode: _ended, createdId: _gone, revisionAfter: _seen, tail: _log, logFile: _file, ...again } = state;
  return { ...run, [part]: run[part].map((step, at) => (at === index ? again : step)) };
};

/** What an event says about a step. */
const foldStep = (run: Run, event: RunEvent, at: string): Run => {
  switch (event.kind) {
    case 'step-started':
      return changeStep(withoutFailedTry(run, event.part, event.index), event.part, event.index, {
        status: 'started',
        startedAt: at,
      });
    case 'call':
      return changeStep(run, event.part, event.index, { lastCall: `${event.op} ${event.target}` });
    case 'created':
      return changeStep(run, event.part, event.index, { createdId: event.id });
    case 'pulled':
      return changeStep(run, event.part, event.index, { pulledImageId: event.imageId });
    case 'revision':
      return changeStep(
        run,
        event.part,
        event.index,
        event.at === 'before' ? { revisionBefore: event.revision } : { revisionAfter: event.revision },
      );
    case 'migrated':
      return changeStep(run, event.part, event.index, {
        exitCode: event.exitCode,
        tail: event.tail,
        ...(event.file ? { logFile: event.file } : {}),
      });
    case 'health':
      return changeStep(
        run,
        event.part,
        event.index,
        run.direction === 'back' ? { backHealth: event.report } : { health: event.report },
      );
    case 'downtime':
      if (event.frontDoor)
        return event.part === 'rollback'
          ? run
          : changeStep(run, event.part, event.index, { frontDowntime: event.report });
      return event.part === 'rollback'
        ? changeStep(run, 'steps', event.index, { backDowntime: event.report })
        : changeStep(run, event.part, event.index, { downtime: event.report });
    case 'step-done':
      return changeStep(run, event.part, event.index, { status: 'done', endedAt: at });
    case 'step-failed':
      return changeStep(run, event.part, event.index, { status: 'failed', endedAt: at, why: event.why });
    case 'undone':
      return changeStep(run, 'steps', event.index, { status: 'undone', endedAt: at });
    case 'kept-log':
      return changeStep(run, 'steps', event.index, { keptLog: event.tail });
    default:
      return run;
  }
};

/** What an event says about the run as a whole. */
const foldRun = (run: Run, event: RunEvent, at: string): Run => {
  switch (event.kind) {
    case 'approved':
      return {
        ...run,
        approvals: [...run.approvals, event.by],
        approvedAt: { [event.by.id]: at, ...run.approvedAt },
      };
    case 'broke-glass':
      return { ...run, brokeGlass: { by: event.by, reason: event.reason } };
    case 'rejected':
      return {
        ...run,
        decidedBy: event.by,
        endedAt: at,
        ...(event.reason === undefined ? {} : { decisionReason: event.reason }),
      };
    case 'cancelled':
    case 'abandoned':
      return { ...run, decidedBy: event.by, endedAt: at };
    case 'expired':
      return { ...run, endedAt: at };
    case 'voided':
    case 'failed':
      return { ...run, why: event.why, endedAt: at };
    case 'started':
      return { ...run, startedAt: at };
    case 'watching':
      return { ...run, baseline: event.baseline };
    case 'noted':
      return { ...run, notes: [...run.notes, { at, text: event.text }] };
    case 'asked':
      return { ...run, asked: { why: event.why, choices: event.choices } };
    case 'resumed': {
      const { asked: _answered, why: _past, commands: _done, ...rest } = run;
      return rest;
    }
    case 'rollback': {
      const { asked: _answered, ...rest } = run;
      return {
        ...rest,
        direction: 'back',
        rollback: {
          by: event.by,
          why: event.why,
          at,
          ...(event.restored ? { restored: event.restored } : {}),
        },
      };
    }
    case 'rolled-back':
      return { ...run, backTookMs: event.ms, endedAt: at };
    case 'stuck':
      return { ...run, why: event.why, commands: event.commands };
    case 'upgraded':
      return { ...run, tookMs: event.ms };
    case 'finalize-approved':
      return { ...run, finalizeApprovals: [...run.finalizeApprovals, event.by] };
    case 'finalizing': {
      const { why: _past, ...rest } = run;
      return { ...rest, direction: 'finalize' };
    }
    case 'finalize-failed':
      return { ...run, why: event.why };
    case 'finalized':
      return { ...run, finalizeTookMs: event.ms, endedAt: at };
    case 'bystanders':
      return { ...run, bystanders: event.report };
    case 'compared':
      return {
        ...run,
        compared: [
          ...run.compared.filter((c) => c.host !== event.host || c.name !== event.name),
          { host: event.host, name: event.name, differences: event.differences },
        ],
      };
    case 'posted':
      return {
        ...run,
        messages: { ...run.messages, [event.slot]: { channel: event.channel, ts: event.ts } },
      };
    default:
      return foldStep(run, event, at);
  }
};

const foldOne = (run: Run, event: RunEvent, at: string): Run => {
  const folded = foldRun(run, event, at);
  const quorumReached = folded.brokeGlass !== undefined || countedApprovals(folded).length >= folded.quorum;
  return {
    ...folded,
    phase: nextPhase(run.phase, event.kind, { direction: folded.direction, quorumReached }),
    lastEventAt: at,
  };
};

const HOLD_REASON: Partial<Record<RunEvent['kind'], (run: Run) => string>> = {
  'rolled-back': (run) => `Run ${run.id} was rolled back: ${run.rollback?.why ?? 'no reason given'}`,
  stuck: (run) => `Run ${run.id} is stuck while going back: ${run.why ?? ''}`,
  'finalize-failed': (run) => `Finalize of run ${run.id} failed: ${run.why ?? ''}`,
};

/**
 * A roll back, a stuck run and a failed Finalize hold the service until a person releases it; a Finalize that works at
 * a later try takes its own hold back. The hold is part of the event, so no crash can come between. A person's hold is
 * never replaced.
 */
const holdsAfter = (
  holds: State['holds'],
  run: Run,
  { event, at }: { event: RunEvent; at: string },
): State['holds'] => {
  const { service } = run.plan;
  const { [service]: held, ...others } = holds;
  if (held && held.by.door !== 'bot') return holds;
  const reason = HOLD_REASON[event.kind]?.(run);
  if (reason !== undefined) return { ...others, [service]: { service, by: BOT, reason, at, run: run.id } };
  return event.kind === 'finalized' && held?.run === run.id ? others : holds;
};

/** The pure reducer behind every question about runs. Throws on an event that is illegal in its run's phase. */
export const reduce = (state: State, entry: Entry): State => {
  if (entry.run === undefined) {
    const { event } = entry;
    const { [event.service]: _released, ...others } = state.holds;
    if (event.kind === 'unheld') return { ...state, holds: others };
    const hold: Hold = {
      service: event.service,
      by: event.by,
      reason: event.reason,
      at: entry.at,
      ...(event.run === undefined ? {} : { run: event.run }),
    };
    return { ...state, holds: { ...others, [event.service]: hold } };
  }
  const { event, run: id, at } = entry;
  if (event.kind === 'requested') return { ...state, runs: { ...state.runs, [id]: fresh(id, at, event) } };
  const run = state.runs[id];
  if (!run) throw new Error(`event ${event.kind} for the unknown run ${id}`);
  const folded = foldOne(run, event, at);
  return { holds: holdsAfter(state.holds, folded, { event, at }), runs: { ...state.runs, [id]: folded } };
};
