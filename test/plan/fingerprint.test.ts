import { expect, test } from 'vitest';
import { fingerprintOf } from '../../src/plan/plan.js';
import { idOf, migrateOf, samplePlan, swapOf } from '../builders.js';

const swap = swapOf('cinder_api');
const migrate = migrateOf();

test.each([
  ['another container', { ...swap, old: { ...swap.old, id: idOf('another') } }],
  ['another image of the old one', { ...swap, old: { ...swap.old, imageId: 'sha256:another' } }],
  ['another configuration', { ...swap, old: { ...swap.old, configHash: 'another' } }],
  ['another new image', { ...swap, target: { ref: swap.target.ref, digest: 'sha256:another' } }],
  ['another owner of the process', { ...swap, owner: { kind: 'unit', unit: 'another.service' } as const }],
  ['another step', migrate],
])('an approval does not hold for %s', (_what, step) => {
  const approved = fingerprintOf(samplePlan({ steps: [swap], finalize: [] }));
  expect(fingerprintOf(samplePlan({ steps: [step], finalize: [] }))).not.toBe(approved);
});
