import type { Doom } from './doom.js';

export type Death = {
  readonly title: string;
  readonly service: string;
  readonly does: 'upgrade' | 'rollback' | 'finalize';
  readonly at: Doom['at'];
  readonly afterMs: number;
  /** What a person chooses at the interrupted run. */
  readonly chosen: 'resume' | 'rollback';
  readonly ends: 'upgraded' | 'rolled-back' | 'finalized';
};

export const titleOf = ({ service, title, chosen, ends }: Death): string =>
  `${service}, ${title}: ${chosen} ends ${ends}`;

/** One after the other on one cloud: each begins where the one before it ended. */
export const DEATHS: readonly Death[] = [
  {
    title: 'while the migration’s container runs',
    service: 'keystone',
    does: 'upgrade',
    at: { kind: 'call', op: 'start', target: 'init_upgrade_database' },
    afterMs: 250,
    chosen: 'resume',
    ends: 'upgraded',
  },
  {
    title: 'going back, when the new one had been stopped',
    service: 'keystone',
    does: 'rollback',
    at: { kind: 'call-ended', op: 'stop', target: '^new ' },
    afterMs: 0,
    chosen: 'resume',
    ends: 'rolled-back',
  },
  {
    title: 'when the new one was created and its id not yet in the journal',
    service: 'keystone',
    does: 'upgrade',
    at: { kind: 'call-ended', op: 'create', target: '__swap_' },
    afterMs: 0,
    chosen: 'rollback',
    ends: 'rolled-back',
  },
  {
    title: 'in the middle of the stop of the old one',
    service: 'keystone',
    does: 'upgrade',
    at: { kind: 'call', op: 'stop' },
    afterMs: 30,
    chosen: 'resume',
    ends: 'upgraded',
  },
  {
    title: 'going back, right before the start of the old one',
    service: 'keystone',
    does: 'rollback',
    at: { kind: 'call', op: 'start' },
    afterMs: 0,
    chosen: 'rollback',
    ends: 'rolled-back',
  },
  {
    title: 'right before the start of the new one, when no container bears the API',
    service: 'keystone',
    does: 'upgrade',
    at: { kind: 'call', op: 'start', target: '^new ' },
    afterMs: 0,
    chosen: 'rollback',
    ends: 'rolled-back',
  },
  {
    title: 'while the health of the new one is judged',
    service: 'keystone',
    does: 'upgrade',
    at: { kind: 'call-ended', op: 'start', target: '^new ' },
    afterMs: 150,
    chosen: 'resume',
    ends: 'upgraded',
  },
  {
    title: 'finalizing, in the middle of the removal of the kept one',
    service: 'keystone',
    does: 'finalize',
    at: { kind: 'call', op: 'remove', target: '__prev_' },
    afterMs: 10,
    chosen: 'resume',
    ends: 'finalized',
  },
  {
    title: 'when the name of the third container was free',
    service: 'cinder',
    does: 'upgrade',
    at: { kind: 'call-ended', op: 'rename', target: 'cinder_api → .*__prev_' },
    afterMs: 0,
    chosen: 'rollback',
    ends: 'rolled-back',
  },
];
