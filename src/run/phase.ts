import type { RunEvent } from './event.js';

export const PHASES = [
  'proposed',
  'approved',
  'running',
  'paused',
  'interrupted',
  'rolling-back',
  'stuck',
  'upgraded',
  'finalizing',
  'finalize-failed',
  'finalized',
  'rolled-back',
  'rejected',
  'cancelled',
  'expired',
  'voided',
  'failed',
  'abandoned',
] as const;

export type Phase = (typeof PHASES)[number];

/** Phases from which no event leads on. */
export const OVER: readonly Phase[] = [
  'finalized',
  'rolled-back',
  'rejected',
  'cancelled',
  'expired',
  'voided',
  'failed',
  'abandoned',
];

/** Phases in which the service is being changed, or was left half changed. */
export const ACTIVE: readonly Phase[] = [
  'approved',
  'running',
  'paused',
  'interrupted',
  'rolling-back',
  'stuck',
  'finalizing',
  'finalize-failed',
];

/** Phases in which a run waits for the answer of a person before it goes on either way. */
export const HALTED: readonly Phase[] = ['paused', 'interrupted'];

type Kind = RunEvent['kind'];

/** Events that move a run, and the phases they are legal in. What is not here moves nothing and is legal anywhere. */
const MOVES: Partial<Record<Kind, { readonly from: readonly Phase[]; readonly to: Phase }>> = {
  rejected: { from: ['proposed', 'approved'], to: 'rejected' },
  cancelled: { from: ['proposed', 'approved'], to: 'cancelled' },
  expired: { from: ['proposed'], to: 'expired' },
  voided: { from: ['proposed', 'approved'], to: 'voided' },
  started: { from: ['approved'], to: 'running' },
  abandoned: { from: ['paused', 'interrupted', 'stuck', 'finalize-failed'], to: 'abandoned' },
  failed: { from: ['running', 'approved', 'interrupted', 'paused'], to: 'failed' },
  asked: { from: ['running', 'finalizing'], to: 'paused' },
  interrupted: { from: ['approved', 'running', 'rolling-back', 'finalizing'], to: 'interrupted' },
  rollback: {
    from: ['running', 'paused', 'interrupted', 'stuck', 'upgraded', 'finalize-failed'],
    to: 'rolling-back',
  },
  'rolled-back': { from: ['rolling-back'], to: 'rolled-back' },
  stuck: { from: ['rolling-back'], to: 'stuck' },
  upgraded: { from: ['running'], to: 'upgraded' },
  finalizing: { from: ['upgraded', 'finalize-failed'], to: 'finalizing' },
  'finalize-failed': { from: ['finalizing'], to: 'finalize-failed' },
  finalized: { from: ['finalizing'], to: 'finalized' },
};

/** What people decide about a run, and the phases in which each decision is taken. */
export const DECIDED_IN = {
  approve: ['proposed'],
  'break-glass': ['proposed'],
  reject: ['proposed', 'approved'],
  /** After the start only until the first change. */
  withdraw: ['proposed', 'approved', 'running', 'paused', 'interrupted'],
  /** Takes a request back, makes a run under way go back, and closes one that can go neither way. */
  cancel: ['proposed', 'approved', 'running', 'paused', 'interrupted', 'stuck', 'finalize-failed'],
  /** In `stuck` only with the word that the database was restored. */
  rollback: ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed', 'stuck'],
  finalize: ['upgraded', 'finalize-failed'],
  resume: ['paused', 'interrupted', 'stuck'],
} as const satisfies Record<string, readonly Phase[]>;

/** What a resume leads back into: the direction that the journal already holds. */
export type Direction = 'forward' | 'back' | 'finalize';

const RESUMED: Record<Direction, Phase> = {
  forward: 'running',
  back: 'rolling-back',
  finalize: 'finalizing',
};

/**
 * The phase after an event. Throws on an event that is illegal in the phase: that is a bug, never a person's fault,
 * since the doors refuse first.
 */
export const nextPhase = (
  phase: Phase,
  kind: Kind,
  now: { direction: Direction; quorumReached: boolean },
): Phase => {
  if (kind === 'approved' || kind === 'broke-glass') {
    if (phase !== 'proposed') throw new Error(`event ${kind} in phase ${phase}`);
    return now.quorumReached ? 'approved' : 'proposed';
  }
  if (kind === 'withdrawn') {
    if (phase !== 'proposed' && phase !== 'approved') throw new Error(`event ${kind} in phase ${phase}`);
    return now.quorumReached ? phase : 'proposed';
  }
  if (kind === 'resumed') {
    if (phase !== 'paused' && phase !== 'interrupted' && phase !== 'stuck')
      throw new Error(`event resumed in phase ${phase}`);
    return RESUMED[now.direction];
  }
  const move = MOVES[kind];
  if (!move) return phase;
  if (!move.from.includes(phase)) throw new Error(`event ${kind} in phase ${phase}`);
  return move.to;
};
