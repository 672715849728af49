import { expect, test } from 'vitest';
import { cannotAsk } from '../../src/openstack/ask-service.js';
import { requestOf, verdicts } from './cloud.js';

test.each([
  ['keystone', ['a token issued', 'that token validated', 'a token from before the swap still valid']],
  ['glance_api', ['images listed']],
])('%s is not called ready where there is nothing to ask it with', async (entry, whats) => {
  const report = await cannotAsk('it has no cloud prod')(requestOf(entry));
  expect([report.ready, report.unasked]).toEqual([false, 'it has no cloud prod']);
  expect(verdicts(report)).toEqual(whats.map((what) => `${what}: waiting`));
});

test('what could not be asked before a swap is not required after it', async () => {
  const ask = cannotAsk('it has no cloud prod');
  const before = await ask(requestOf('glance_api', { when: 'before' }));
  const after = await ask(requestOf('glance_api', { before }));
  expect([after.ready, verdicts(after)]).toEqual([true, ['images listed: excused']]);
});
