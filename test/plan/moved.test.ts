import { expect, test } from 'vitest';
import { whatMoved } from '../../src/plan/moved.js';
import type { SwapStep } from '../../src/plan/plan.js';
import { samplePlan, swapOf } from '../builders.js';

const planWith = (change: Partial<SwapStep>) => samplePlan({ steps: [swapOf('cinder_api', change)] });

test.each<[Partial<SwapStep>, string]>([
  [
    { owner: { kind: 'unit', unit: 'kolla-cinder_api-container.service' } },
    'who stops and starts cinder_api on control1 (its systemd unit)',
  ],
  [{ drain: { balancers: [], graceSeconds: 5 } }, 'the load balancers in front of cinder_api on control1'],
  [
    { config: { rendered: '/r', folder: '/f', destination: '/d', hash: '1', presentHash: '2' } },
    'the configuration of cinder_api on control1',
  ],
  [{ old: { ...swapOf('cinder_api').old, id: 'another' } }, 'the container cinder_api on control1'],
  [{ target: { ref: 'r/cinder-api:1' } }, 'the image r/cinder-api:1'],
])('a stale plan names what moved: %j', (change, said) => {
  expect(whatMoved(planWith({}), planWith(change))).toBe(`since the plan was made this moved: ${said}`);
});

test('a plan with other steps says that something came or went', () => {
  expect(whatMoved(samplePlan(), planWith({}))).toMatch(/^other steps are needed .* came or went$/);
});
