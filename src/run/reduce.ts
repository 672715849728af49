import { isSameServer } from '../steps/balancer-place.js';
import type { Entry, RunEvent } from './event.js';
import { foldStep } from './fold-step.js';
import { holdsAfter } from './holds.js';
import { nextPhase } from './phase.js';
import { countedApprovals, type Hold, type Run, type State } from './run.js';

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
  ...(event.policy === undefined ? {} : { policy: event.policy }),
  phase: 'proposed',
  turn: 0,
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

const withoutWord = (run: Run, id: string): Run => {
  const { [id]: _withdrawn, ...approvedAt } = run.approvedAt ?? {};
  return { ...run, approvals: run.approvals.filter((actor) => actor.id !== id), approvedAt };
};

const leftDrained = (
  run: Run,
  { drained, ready }: Extract<RunEvent, { kind: 'noted' }>,
): Pick<Run, 'leftDrained'> => {
  const about = drained ?? ready;
  if (!about) return {};
  const others = (run.leftDrained ?? []).filter((one) => !isSameServer(one, about));
  return { leftDrained: drained ? [...others, drained] : others };
};

const READY_FIELDS = { before: 'readyBefore', end: 'readyAtEnd', back: 'readyBack' } as const;

/** What an event says about the run as a whole. */
const foldRun = (run: Run, event: RunEvent, at: string): Run => {
  switch (event.kind) {
    case 'approved':
      return {
        ...run,
        approvals: [...run.approvals, event.by],
        approvedAt: { [event.by.id]: at, ...run.approvedAt },
      };
    case 'withdrawn':
      return withoutWord(run, event.by.id);
    case 'broke-glass':
      return { ...run, brokeGlass: { by: event.by, reason: event.reason, at } };
    case 'reviewed':
      return { ...run, review: { by: event.by, text: event.text, at } };
    case 'review-due':
      return { ...run, reviewDue: true };
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
      return { ...run, notes: [...run.notes, { at, text: event.text }], ...leftDrained(run, event) };
    case 'asked':
      return {
        ...run,
        asked: { why: event.why, choices: event.choices },
        ...(run.readyAtEnd ? { readyKnown: run.readyAtEnd } : {}),
      };
    case 'services-asked':
      return { ...run, [READY_FIELDS[event.when]]: event.reports };
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
      return {
        ...run,
        finalizeApprovals: [...run.finalizeApprovals, event.by],
        ...(event.of === undefined ? {} : { finalizeOf: event.of }),
      };
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
    case 'anchored':
      return { ...run, anchor: { seq: event.seq, hash: event.hash } };
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
  const phase = nextPhase(run.phase, event.kind, { direction: folded.direction, quorumReached });
  const { anchor, ...moved } = folded;
  return {
    ...moved,
    ...(anchor && phase === run.phase ? { anchor } : {}),
    phase,
    turn: phase === run.phase && event.kind !== 'withdrawn' ? run.turn : run.turn + 1,
    lastEventAt: at,
  };
};

/** The pure reducer behind every question about runs. Throws on an event that is illegal in its run's phase. */
export const reduce = (state: State, entry: Entry): State => {
  if (entry.run === undefined) {
    const { event } = entry;
    const { [event.service]: _released, ...others } = state.holds;
    if (event.kind === 'unheld') return { ...state, holds: others };
    const hold: Hold = { service: event.service, by: event.by, reason: event.reason, at: entry.at };
    return { ...state, holds: { ...others, [event.service]: hold } };
  }
  const { event, run: id, at } = entry;
  if (event.kind === 'requested') return { ...state, runs: { ...state.runs, [id]: fresh(id, at, event) } };
  const run = state.runs[id];
  if (!run) throw new Error(`event ${event.kind} for the unknown run ${id}`);
  const folded = foldOne(run, event, at);
  return { holds: holdsAfter(state.holds, folded, { event, at }), runs: { ...state.runs, [id]: folded } };
};
