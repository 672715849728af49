import { fingerprintOf } from '../../src/plan/plan.js';
import type { RunEvent } from '../../src/run/event.js';
import { erin, samplePlan } from '../builders.js';

const plan = samplePlan({ steps: [], finalize: [], hazards: [] });

/** A small request, so that a journal is a few kilobytes. */
export const requested: RunEvent = {
  kind: 'requested',
  plan,
  fingerprint: fingerprintOf(plan),
  by: erin,
  quorum: 1,
  requesterCounts: false,
  expiresAt: '2026-11-22T10:30:00.000Z',
  onFailure: 'roll-back',
};

export const note = (text: string): RunEvent => ({ kind: 'noted', text });
